"""Cgroups of our own, with BPF programs that say no, as systemd attaches them. Linux, root.

systemd does not run everywhere the tests do; what it does for IPAddressDeny= and SocketBindDeny=
is done here by hand: the same hooks, the same names of programs. bpf(2), include/uapi/linux/bpf.h.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import struct
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support import Namespace, need, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

_PROG_LOAD, _LINK_CREATE = 5, 28
_SKB, _SOCKET_ADDRESS = 8, 18
_KINDS = {
    "ingress": (_SKB, 0, b"sd_fw_ingress"),
    "egress": (_SKB, 1, b"sd_fw_egress"),
    "bind4": (_SOCKET_ADDRESS, 8, b"sd_bind4"),
    "connect4": (_SOCKET_ADDRESS, 10, b"no_connect"),
}
_numbers = itertools.count()


class Cgroup(NamedTuple):
    """A cgroup, by its directory."""

    place: Path

    def command(self, *argv: str) -> list[str]:
        """The command line that runs `argv` in it (as the same process)."""
        return ["sh", "-c", f'echo $$ >{self.place}/cgroup.procs && exec "$@"', "sh", *argv]


class EnteredNamespace(Namespace):
    """A network namespace that is entered with /sys as it is, perhaps from within a cgroup.

    `ip netns exec` mounts another /sys, in which there are no cgroups to be looked at.
    """

    cgroup: Cgroup | None = None

    def command(self, *argv: str) -> list[str]:
        entering = [need("nsenter", package="util-linux"), f"--net=/run/netns/{self.name}", *argv]
        return entering if self.cgroup is None else self.cgroup.command(*entering)


def entered(namespace: Namespace, cgroup: Cgroup | None = None) -> EnteredNamespace:
    """The namespace, for programs that are to run in the cgroup, or to see cgroups."""
    made = EnteredNamespace(namespace.name)
    made.cgroup = cgroup
    return made


@contextmanager
def cgroup(*hooks: str, allow: bool = False) -> Generator[Cgroup]:
    """A cgroup that denies (or allows) all at these hooks, for the length of the block."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("needs root: a cgroup")
    place = _mount() / f"hp-{os.getpid()}-{next(_numbers)}.service"
    try:
        place.mkdir()
    except OSError as error:
        pytest.skip(f"this machine allows no cgroup: {error}")
    links: list[int] = []
    directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        links.extend(_attached(directory, each, allow=allow) for each in hooks)
        yield Cgroup(place)
    finally:
        for each in (*links, directory):  # a program is gone with the last descriptor of its link
            os.close(each)
        wait_until(lambda: not (place / "cgroup.procs").read_text(), what="an empty cgroup")
        place.rmdir()


def _mount() -> Path:
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            return Path(before.split()[4])
    pytest.skip("needs cgroups of version 2")


def _attached(directory: int, hook: str, *, allow: bool) -> int:
    """A descriptor of the link between a program that returns 0 or 1 and the cgroup."""
    kind, attach, name = _KINDS[hook]
    program_code = struct.pack("<BBhiBBhi", 0xB7, 0, 0, int(allow), 0x95, 0, 0, 0)
    code, license_text = (ctypes.create_string_buffer(each) for each in (program_code, b"GPL"))
    program = _bpf(
        _PROG_LOAD,
        struct.pack(
            "=IIQQIIQII16sII",
            *(kind, len(program_code) // 8, ctypes.addressof(code)),
            *(ctypes.addressof(license_text), 0, 0, 0, 0, 0, name, 0, attach),
        ),
    )
    try:
        return _bpf(_LINK_CREATE, struct.pack("=IIII", program, directory, attach, 0))
    finally:
        os.close(program)


def _bpf(command: int, attributes: bytes) -> int:
    number = {"x86_64": 321, "aarch64": 280}.get(os.uname().machine)
    if number is None:
        pytest.skip("the number of bpf() is not known here")
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    done = ctypes.CDLL(None, use_errno=True).syscall(
        ctypes.c_long(number), ctypes.c_long(command), buffer, ctypes.c_long(len(attributes))
    )
    if done < 0:
        pytest.skip(f"this machine allows no BPF program: {os.strerror(ctypes.get_errno())}")
    return int(done)
