"""What a cgroup's path tells: the systemd unit and the container of the processes within.

Paths are those of cgroups(7), version 1 and 2; names follow systemd.unit(5) and the cgroup drivers
of the container runtimes. No regular expressions: compiling them would cost 2 ms at each start.
"""

from __future__ import annotations

from functools import lru_cache

from homeport.model.process import Container
from homeport.model.record import NamedTuple


class CgroupFacts(NamedTuple):
    """The unit of this machine's service manager, and the innermost container."""

    unit: str | None
    container: Container | None


class _Naming(NamedTuple):
    """How a runtime names the cgroup of a container; `numbered`: by an id of 64 hex digits."""

    runtime: str
    prefix: str
    suffix: str = ""
    numbered: bool = True


_NAMINGS = (
    _Naming("docker", "docker-", ".scope"),
    _Naming("podman", "libpod-payload-"),
    _Naming("podman", "libpod-", ".scope"),
    _Naming("podman", "libpod-"),
    _Naming("containerd", "cri-containerd-", ".scope"),
    _Naming("containerd", "nerdctl-", ".scope"),
    _Naming("cri-o", "crio-", ".scope"),
    _Naming("cri-o", "crio-"),
    _Naming("lxc", "lxc.payload.", numbered=False),
    _Naming("systemd-nspawn", "systemd-nspawn@", ".service", numbered=False),
)

_PARENTS = {
    "docker": "docker",
    "actions_job": "docker",
    "libpod_parent": "podman",
    "k8s.io": "containerd",
    "moby": "docker",
}
"""A cgroup whose children are named by nothing but the container's id (cgroup driver cgroupfs)."""

_UNITS = (".service", ".scope", ".socket", ".mount", ".swap")
_MONITORS = ("docker-", "libpod-", "crio-", "cri-containerd-", "nerdctl-", "podman-")
_HEXADECIMAL = frozenset("0123456789abcdef")
_ID_LENGTH = 64


@lru_cache(maxsize=4096)
def parse_cgroups(data: bytes) -> CgroupFacts:
    """Reads /proc/PID/cgroup, whose lines are `hierarchy:controllers:path`."""
    text = data.decode("utf-8", "surrogateescape")
    hierarchies = [line.split(":", 2) for line in text.split("\n") if line.count(":") > 1]
    # systemd's own hierarchy is named on version 1 and has no controllers on version 2.
    hierarchies.sort(key=lambda fields: (fields[1] != "name=systemd", fields[1] != ""))
    facts = [cgroup_facts(path) for path in dict.fromkeys(fields[2] for fields in hierarchies)]
    return CgroupFacts(
        unit=next((fact.unit for fact in facts if fact.unit), None),
        container=next((fact.container for fact in facts if fact.container), None),
    )


@lru_cache(maxsize=4096)
def cgroup_facts(path: str) -> CgroupFacts:
    """The unit and the container that the path of one cgroup names, from the root downward."""
    names = path.removesuffix(" (deleted)").split("/")
    for depth in range(len(names) - 1, 0, -1):
        if container := _named(names[depth]) or _nested(names[depth - 1], names[depth]):
            # What lies deeper are units of another service manager, within the container.
            return CgroupFacts(_unit(names[: depth + 1]), container)
    return CgroupFacts(_unit(names), None)


def _named(name: str) -> Container | None:
    for naming in _NAMINGS:
        if name.startswith(naming.prefix) and name.endswith(naming.suffix):
            found = name[len(naming.prefix) : len(name) - len(naming.suffix)]
            if _is_id(found) if naming.numbered else found:
                return Container(naming.runtime, unescaped(found))
    return _machine(name)


def _machine(name: str) -> Container | None:
    r"""A machine of systemd-machined: `machine-web.scope`, `machine-lxc\x2d7\x2dweb.scope`."""
    if not (name.startswith("machine-") and name.endswith(".scope")):
        return None
    kind, *rest = unescaped(name[8:-6]).split("-", 2)
    if kind in ("lxc", "qemu") and len(rest) == 2 and rest[0].isdigit():
        # libvirt's names; qemu is a virtual machine, whose processes are not seen from here.
        return Container("lxc", rest[1]) if kind == "lxc" else None
    return Container("systemd-nspawn", "-".join([kind, *rest])) if kind or rest else None


def _nested(parent: str, name: str) -> Container | None:
    if parent == "lxc" and name:
        return Container("lxc", name)
    number = name.removeprefix("libpod-").rpartition(":")[2]
    if not _is_id(number):
        return None
    if ":cri-containerd:" in name:
        return Container("containerd", number)
    if parent.startswith("pod") and len(parent) >= 35:
        return Container("kubernetes", number)
    return Container(_PARENTS[parent], number) if parent in _PARENTS else None


def _is_id(name: str) -> bool:
    return len(name) == _ID_LENGTH and _HEXADECIMAL.issuperset(name)


def _unit(names: list[str]) -> str | None:
    """The innermost unit that means something to a person.

    The scope of a container says less than the container, and a user's service manager less than
    what it has started; the managers' own processes lie in an `init.scope`.
    """
    units = [name for name in names if name.endswith(_UNITS) and not name.startswith(_MONITORS)]
    meant = [name for name in units if name != "init.scope" and not name.startswith("user@")]
    unit = next(iter(meant[-1:] or units[:1]), None)
    # systemd puts "_" before a name that would clash with a file of the cgroup file system.
    return unit.removeprefix("_") if unit else None


def unescaped(name: str) -> str:
    r"""A unit's name as people wrote it, `\x2d` being `-` (systemd-escape(1))."""
    first, *rest = name.split("\\x")
    return first + "".join(_unescaped(part) for part in rest)


def _unescaped(part: str) -> str:
    digits = part[:2]
    if len(digits) == 2 and _HEXADECIMAL.issuperset(digits):
        return chr(int(digits, 16)) + part[2:]
    return "\\x" + part
