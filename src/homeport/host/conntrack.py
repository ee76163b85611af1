"""How full the table of tracked connections is, and how often it was too full. Linux netfilter.

Without conntrack there is nothing to read. All of it is that of the calling thread's namespace but
the most that may be tracked, which is the machine's (Documentation/networking/nf_conntrack-sysctl).
"""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.wire.conntrack import Refusals, parse_refusals


class Tracking(NamedTuple):
    """How many connections are tracked in this network namespace, and how many may be."""

    entries: int
    most: int

    @property
    def full(self) -> bool:
        """Whether the next connection finds no place."""
        return 0 < self.most <= self.entries


def tracking(proc: str = "/proc") -> Tracking | None:
    """The table's size; None where nothing is tracked."""
    found = [_read(f"{proc}/sys/net/netfilter/nf_conntrack_{name}") for name in ("count", "max")]
    if not all(each.strip().isdigit() for each in found):
        return None
    return Tracking(int(found[0]), int(found[1]))


def refusals(proc: str = "/proc") -> Refusals | None:
    """Packets that found no place so far; None where nothing is tracked."""
    return parse_refusals(_read(f"{proc}/thread-self/net/stat/nf_conntrack"))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 16)
    except OSError:
        return b""
