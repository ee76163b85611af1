"""The BPF programs that a cgroup makes the traffic of its processes pass. Linux, cgroups(7) v2.

This is how systemd's IPAddressDeny= and SocketBindDeny= work (systemd.resource-control(5)), and
how other managers confine: no firewall's list shows these programs.
"""

from __future__ import annotations

import os

from homeport.host.bpf import attached, judged, program_name, program_with
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# enum bpf_attach_type in include/uapi/linux/bpf.h.
HOOKS = {
    "ingress": 0,
    "egress": 1,
    "sock_create": 2,
    "bind4": 8,
    "bind6": 9,
    "connect4": 10,
    "connect6": 11,
}
FILTERS = ("ingress", "egress")


class Program(NamedTuple):
    """A program, the hook and the cgroup (a path below the mount) that it is attached to."""

    number: int
    name: str
    hook: str
    cgroup: str

    @property
    def of_systemd(self) -> bool:
        """Whether it bears the name of one of systemd's (src/core/bpf in its source)."""
        return self.name.startswith("sd_")


class Confinement(NamedTuple):
    """What stands around a process: its programs (None: hidden), and its sandbox.

    `seccomp`: a filter looks at its system calls. `no_new_privileges` is what every sandbox that a
    user puts up without root needs (PR_SET_NO_NEW_PRIVS), Landlock's too, which shows nowhere else.
    """

    pid: int
    cgroup: str | None = None
    programs: tuple[Program, ...] | None = None
    seccomp: bool | None = None
    no_new_privileges: bool | None = None


def confinement(pid: int, proc: str = "/proc") -> Confinement:
    """What confines a process, as far as this user may see."""
    cgroup = _cgroup(pid, proc)
    programs, status = _programs(cgroup, proc), _status(pid, proc)
    return Confinement(pid, cgroup, programs, status.get("Seccomp"), status.get("NoNewPrivs"))


def drops(program: Program, frame: bytes) -> bool | None:
    """Whether a filter would drop a packet, which the kernel shows to it and sends to nobody.

    Only systemd's are asked: they look addresses up and do nothing else but count (IPAccounting=).
    """
    if not program.of_systemd or program.hook not in FILTERS:
        return None
    try:
        with program_with(program.number) as opened:
            return not judged(opened, frame) & 1
    except OSError:
        return None


def _cgroup(pid: int, proc: str) -> str | None:
    for line in _read(f"{proc}/{pid}/cgroup").splitlines():
        number, _, path = line.partition(":")
        if number == "0":
            return path.partition(":")[2]
    return None


def _programs(cgroup: str | None, proc: str) -> tuple[Program, ...] | None:
    mount = _mount(proc)
    if cgroup is None or mount is None or ".." in cgroup.split("/"):
        return None
    try:
        return tuple(each for path in _upward(cgroup) for each in _attached(mount, path))
    except OSError:
        return None


def _upward(path: str) -> Iterator[str]:
    """The cgroup, and those that it lies in: their programs apply to it, too."""
    while path.strip("/"):
        yield path
        path = path.rpartition("/")[0]
    yield "/"


def _attached(mount: str, path: str) -> Iterator[Program]:
    directory = os.open(mount + path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for hook, number in HOOKS.items():
            for each in attached(directory, number):
                with program_with(each) as opened:
                    yield Program(each, program_name(opened), hook, path)
    finally:
        os.close(directory)


def _mount(proc: str) -> str | None:
    """Where the hierarchy of version 2 is mounted (proc_pid_mountinfo(5))."""
    for line in _read(f"{proc}/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if after.startswith("cgroup2 ") and len(fields) > 4 and fields[3] == "/":
            return fields[4]
    return None


def _status(pid: int, proc: str) -> dict[str, bool]:
    """Fields of proc_pid_status(5): whether they are not 0."""
    lines = [line.partition(":") for line in _read(f"{proc}/{pid}/status").splitlines()]
    return {name: value.strip() != "0" for name, _, value in lines}


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20)
    except OSError:
        return ""
