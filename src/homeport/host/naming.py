"""Processes that speak of a port on their command line, or in the variable PORT. Linux."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN_LINE_ENDS_AT = 1


def processes_naming(port: int, *, proc: str = "/proc") -> tuple[int, ...]:
    """The pids whose arguments, or whose PORT, name the port; not this process and its parents.

    A port in a URL does not count: that is what clients have in their arguments.
    """
    number = re.compile(rb"(?<![\d.])%d(?![\d.])" % port)
    variable = b"\0PORT=%d\0" % port
    skipped = set(_own_line(proc))
    found = []
    for name in os.listdir(proc):
        if not name.isdigit() or int(name) in skipped:
            continue
        words = _read(f"{proc}/{name}/cmdline").split(b"\0")
        named = any(number.search(word) for word in words if b"://" not in word)
        if named or variable in b"\0" + _read(f"{proc}/{name}/environ"):
            found.append(int(name))
    return tuple(sorted(found))


def _own_line(proc: str) -> Iterator[int]:
    pid = os.getpid()
    while pid > _OWN_LINE_ENDS_AT:
        yield pid
        fields = _read(f"{proc}/{pid}/stat").rpartition(b")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 17)
    except OSError:
        return b""
