"""Sandboxes that a client may sit in: a seccomp filter, and Landlock, for programs that follow."""

from __future__ import annotations

import sys

from tests.support import Namespace

_BEGIN = """
import ctypes, os, struct, sys
kernel = ctypes.CDLL(None, use_errno=True)
def must(result):
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result
must(kernel.prctl(38, 1, 0, 0, 0))
"""
_END = "\nos.execvp(sys.argv[1], sys.argv[1:])"

# seccomp(2), linux/filter.h: connect() fails with EPERM, all else is allowed.
SECCOMP = f"""{_BEGIN}
number = {{"x86_64": 42, "aarch64": 203}}[os.uname().machine]
lines = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in lines))
program = ctypes.create_string_buffer(struct.pack("=H6xQ", len(lines), ctypes.addressof(code)))
must(kernel.prctl(22, 2, program, 0, 0)){_END}"""

# landlock(7), Linux 6.7 and later: no rule permits to connect by TCP, so nothing may.
LANDLOCK = f"""{_BEGIN}
rules = ctypes.create_string_buffer(struct.pack("=QQ", 0, 2), 16)
made = must(kernel.syscall(444, rules, 16, 0))
must(kernel.syscall(446, made, 0)){_END}"""


class Sandbox(Namespace):
    """A network namespace in which programs are run within a sandbox."""

    source: str

    def command(self, *argv: str) -> list[str]:
        return super().command(sys.executable, "-c", self.source, *argv)


def sandbox(namespace: Namespace, source: str) -> Sandbox:
    """The namespace, for programs that are to run in the sandbox."""
    made = Sandbox(namespace.name)
    made.source = source
    return made
