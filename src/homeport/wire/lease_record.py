"""What stands in the lock file of a lease: who took it, and under which key.

One line with the pid, filled up with blanks to nine characters so that one pid overwrites another;
a named lease two more parts, the project's root and the name, each ended by NUL, which neither
can contain.
"""

from __future__ import annotations

from homeport.model.lease import LeaseKey
from homeport.model.record import NamedTuple

LONGEST = 16_384
_LARGEST_PID_DIGITS = 9


class LeaseRecord(NamedTuple):
    """Who took the lease; None where the record does not tell."""

    pid: int | None = None
    key: LeaseKey | None = None


def format_record(pid: int, key: LeaseKey | None) -> bytes:
    """The content of the file; bytes that were no UTF-8 come back as they were (PEP 383)."""
    if key is None:
        return b"%-9d\n" % pid
    return b"%-9d\n%s\0%s\0" % (pid, _encoded(key.root), _encoded(key.name))


def parse_record(data: bytes) -> LeaseRecord:
    """What a file says; whatever is not of that form says nothing."""
    line, _, rest = data[:LONGEST].partition(b"\n")
    digits = line.rstrip(b" ")
    if not digits.isdigit() or len(line) > _LARGEST_PID_DIGITS:
        return LeaseRecord()
    parts = rest.split(b"\0")
    if len(parts) != 3 or parts[2]:
        return LeaseRecord(int(digits))
    return LeaseRecord(int(digits), LeaseKey(_decoded(parts[0]), _decoded(parts[1])))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
