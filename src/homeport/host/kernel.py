"""What this kernel and this user are allowed with ports: sysctls, capabilities, addresses, users.

What a system does not tell is None, never a guess: without /proc/sys (macOS, a bare chroot) there
is no policy, and whoever asks says so.
"""

from __future__ import annotations

import os

from homeport.model.port import PortPolicy, PortRange
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.explanation import OwnAddress

TIME_WAIT_NS = 60_000_000_000
"""How long Linux keeps TIME-WAIT: a constant, whatever tcp_fin_timeout says (TCP_TIMEWAIT_LEN)."""

_SIOCGIFFLAGS = 0x8913
_IFF_UP = 1
_CAP_NET_BIND_SERVICE = 10  # include/uapi/linux/capability.h


class KernelLimits(NamedTuple):
    """Settings that decide about connections; what cannot be read is None.

    `fin_timeout_s` is how long an orphan stays in FIN-WAIT-2 (`tcp_fin_timeout`), `backlog_max`
    caps every listen() (`somaxconn`), `v6only_default` is `bindv6only`, and `nonlocal_bind` lets
    anybody bind addresses that no interface has. Linux: Documentation/networking/ip-sysctl.
    """

    fin_timeout_s: int | None
    backlog_max: int | None
    v6only_default: bool | None
    nonlocal_bind: bool | None
    ipv6: bool | None


def port_policy(proc: str = "/proc") -> PortPolicy | None:
    """How the kernel treats ports in the caller's network namespace; None where not told."""
    assigned = (_sysctl(proc, "ipv4/ip_local_port_range") or "").split()
    if len(assigned) != 2 or not all(word.isdigit() for word in assigned):
        return None
    # The other two are younger than the range: Linux 2.6.35 and 4.11 brought them.
    unprivileged_from = _number(proc, "ipv4/ip_unprivileged_port_start")
    return PortPolicy(
        assigned=PortRange(int(assigned[0]), int(assigned[1])),
        reserved=_ranges(_sysctl(proc, "ipv4/ip_local_reserved_ports") or ""),
        unprivileged_from=1024 if unprivileged_from is None else unprivileged_from,
    )


def kernel_limits(proc: str = "/proc") -> KernelLimits:
    """The settings of the caller's network namespace."""
    return KernelLimits(
        fin_timeout_s=_number(proc, "ipv4/tcp_fin_timeout"),
        backlog_max=_number(proc, "core/somaxconn"),
        v6only_default=_flag(proc, "ipv6/bindv6only"),
        nonlocal_bind=_flag(proc, "ipv4/ip_nonlocal_bind"),
        ipv6=_has_ipv6(proc),
    )


def may_bind_any_port(proc: str = "/proc") -> bool:
    """Whether this process has CAP_NET_BIND_SERVICE; without /proc: whether it is root."""
    status = _read(f"{proc}/self/status")
    for line in (status or b"").splitlines():
        if line.startswith(b"CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAP_NET_BIND_SERVICE & 1)
    return os.geteuid() == 0


def loopback_is_up() -> bool | None:
    """Whether `lo` is up in the calling thread's network namespace; None where that is not told."""
    return _is_up("lo")


def interfaces_down() -> tuple[str, ...]:
    """The interfaces of the calling thread's network namespace that are not up."""
    import socket

    try:
        names = [name for _, name in socket.if_nameindex()]
    except OSError:
        return ()
    return tuple(name for name in names if _is_up(name) is False)


def _is_up(interface: str) -> bool | None:
    import fcntl
    import socket
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            # struct ifreq: 16 bytes of name, then the flags (netdevice(7)).
            wanted = struct.pack("16s24x", interface.encode("utf-8", "surrogateescape"))
            answer = fcntl.ioctl(asking, _SIOCGIFFLAGS, wanted)
        except OSError:
            return None
    return bool(struct.unpack_from("H", answer, 16)[0] & _IFF_UP)


def aborts_on_overflow(proc: str = "/proc") -> bool | None:
    """Whether a full accept queue is answered with a reset (tcp_abort_on_overflow)."""
    return _flag(proc, "ipv4/tcp_abort_on_overflow")


def services_file(path: str = "/etc/services") -> bytes | None:
    """The bytes of the services database; None where there is none (netbase not installed)."""
    return _read(path)


def user_id() -> int:
    """The effective user id of this process."""
    return os.geteuid()


def own_addresses() -> tuple[OwnAddress, ...]:
    """The addresses of this machine's interfaces, loopback among them; empty where unknown."""
    import socket

    import psutil  # portable, and 30 ms: only explain asks

    from homeport.model.explanation import OwnAddress

    try:
        found = psutil.net_if_addrs()
    except OSError:  # a sandbox without netlink and without ioctl
        return ()
    return tuple(
        OwnAddress(entry.address.partition("%")[0], interface)
        for interface, entries in found.items()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    )


def _sysctl(proc: str, name: str) -> str | None:
    data = _read(f"{proc}/sys/net/{name}")
    return None if data is None else data.decode("ascii", "replace").strip()


def _number(proc: str, name: str) -> int | None:
    text = _sysctl(proc, name)
    return int(text) if text is not None and text.isdigit() else None


def _flag(proc: str, name: str) -> bool | None:
    number = _number(proc, name)
    return None if number is None else bool(number)


def _has_ipv6(proc: str) -> bool | None:
    if _sysctl(proc, "core/somaxconn") is None:
        return None
    # Without the module there is no such file; disable_ipv6 takes the addresses away.
    return _number(proc, "ipv6/conf/lo/disable_ipv6") == 0


def _ranges(text: str) -> tuple[PortRange, ...]:
    spans = (part.strip().partition("-") for part in text.split(","))
    return tuple(
        PortRange(int(first), int(last or first))
        for first, _, last in spans
        if first.isdigit() and (last or first).isdigit()
    )


def _read(path: str) -> bytes | None:
    try:
        # A named pipe in the place of a file is empty, instead of never being opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return None
