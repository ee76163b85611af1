"""/proc/net/stat/nf_conntrack: counters of connection tracking, one line for each processor.

A line of names, then lines of hexadecimal numbers (net/netfilter/nf_conntrack_standalone.c).
"""

from __future__ import annotations

from homeport.model.record import NamedTuple


class Refusals(NamedTuple):
    """Packets that were dropped because they could not be tracked, and entries thrown out early."""

    dropped: int = 0
    early: int = 0

    def since(self, before: Refusals) -> Refusals:
        """How much both have grown."""
        return Refusals(self.dropped - before.dropped, self.early - before.early)


def parse_refusals(data: bytes) -> Refusals | None:
    """The sums over all processors; None for what is no such table."""
    names, *lines = data.decode("ascii", "replace").splitlines() or [""]
    at = {name: place for place, name in enumerate(names.split())}
    if "drop" not in at or "early_drop" not in at:
        return None
    rows = [line.split() for line in lines]
    try:
        return Refusals(
            sum(int(row[at["drop"]], 16) for row in rows),
            sum(int(row[at["early_drop"]], 16) for row in rows),
        )
    except (ValueError, IndexError):
        return None
