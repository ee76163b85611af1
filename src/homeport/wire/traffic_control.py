"""Queueing disciplines of an interface, and XDP programs on it.

As `tc -json -s qdisc show dev` and `ip -json -details link show dev` print them (tc(8), ip(8)).
"""

from __future__ import annotations

import json
from typing import Any

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

_USUAL = frozenset({"noqueue", "fq_codel", "mq", "pfifo_fast", "fq", "clsact", "ingress", "cake"})


class Discipline(NamedTuple):
    """A queueing discipline: its kind, how many packets it has dropped, and which share it loses.

    `loss` is from 0 to 1, and known of netem alone, which is there to lose packets.
    """

    kind: str
    dropped: int = 0
    loss: float | None = None

    @property
    def strange(self) -> bool:
        """Whether somebody has put it there, for it is none that a system sets up."""
        return self.kind not in _USUAL


def parse_disciplines(data: bytes) -> tuple[Discipline, ...]:
    """The disciplines; raises `BrokenMessage`."""
    try:
        return tuple(_discipline(each) for each in json.loads(data or b"[]"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenMessage("tc did not print disciplines as JSON", why=str(error)) from None


def _discipline(entry: dict[str, Any]) -> Discipline:
    dropped, loss = entry.get("drops", 0), entry.get("options", {}).get("loss-random", {})
    share = loss.get("loss")
    return Discipline(
        str(entry["kind"]),
        dropped if isinstance(dropped, int) else 0,
        float(share) if isinstance(share, int | float) else None,
    )


def parse_xdp(data: bytes) -> str | None:
    """What is told of an interface's XDP program, None where it has none."""
    try:
        program = json.loads(data)[0]["xdp"]["prog"]
        return f"{program.get('name') or 'XDP'} (id {int(program['id'])})"
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None
