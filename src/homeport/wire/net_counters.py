"""The kernel's counters of a network namespace: /proc/net/netstat and /proc/net/snmp.

Each protocol has two lines, of names and of numbers (Documentation/networking/snmp_counter).
"""

from __future__ import annotations

from homeport.model.record import NamedTuple


class Counters(NamedTuple):
    """Those counters that tell why a connection fails; all of them only ever grow.

    `overflows`: connections that found an accept queue full (ListenOverflows); `drops`: those and
    others that a listener did not take (ListenDrops); `timeouts`: retransmission timers that went
    off (TCPTimeouts); `resets`: RST segments sent (OutRsts); `retransmitted`: segments sent again
    (RetransSegs).
    """

    overflows: int = 0
    drops: int = 0
    timeouts: int = 0
    resets: int = 0
    retransmitted: int = 0

    def since(self, before: Counters) -> Counters:
        """How much each has grown."""
        return Counters(*(now - then for now, then in zip(self, before, strict=True)))


def parse_counters(netstat: bytes, snmp: bytes) -> Counters:
    """The counters, 0 for one that this kernel does not have."""
    found = _pairs(netstat) | _pairs(snmp)
    return Counters(
        overflows=found.get(("TcpExt", "ListenOverflows"), 0),
        drops=found.get(("TcpExt", "ListenDrops"), 0),
        timeouts=found.get(("TcpExt", "TCPTimeouts"), 0),
        resets=found.get(("Tcp", "OutRsts"), 0),
        retransmitted=found.get(("Tcp", "RetransSegs"), 0),
    )


def _pairs(table: bytes) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    lines = table.decode("ascii", "replace").splitlines()
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        protocol, _, rest = names.partition(":")
        values = numbers.partition(":")[2].split()
        for name, value in zip(rest.split(), values, strict=False):
            if value.lstrip("-").isdigit():
                found[protocol, name] = int(value)
    return found
