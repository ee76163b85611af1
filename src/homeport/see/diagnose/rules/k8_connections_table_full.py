"""K8: the table of tracked connections is full, and new ones are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import queue_is_full
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_NOTRACK = (
    "nft 'add table inet lo_untracked; add chain inet lo_untracked out { type filter hook output "
    'priority raw; }; add rule inet lo_untracked out oif "lo" notrack\''
)


def _judge(case: Case) -> Verdict | None:
    late, table = case.outcomes(Outcome.TIMED_OUT), case.confines.tracking
    if case.connected is not None or not late or table is None or queue_is_full(case):
        return None
    refused = case.confines.refused
    dropped = 0 if refused is None else refused.dropped
    if not dropped and not table.full:
        return None
    told = [late[0].told, f"{table.entries} of {table.most} connections are tracked (nf_conntrack)"]
    if dropped:
        packets = "1 packet" if dropped == 1 else f"{dropped} packets"
        told.append(f"{packets} meanwhile found no place in the table: dropped")
    return Verdict(
        tuple(told),
        f"sysctl -w net.netfilter.nf_conntrack_max={2 * table.most}; see whose they are "
        f"(conntrack -L); or do not track loopback: {_NOTRACK}",
        Sureness.SURE if dropped and table.full else Sureness.LIKELY,
        tell_apart="grep . /proc/net/stat/nf_conntrack: does the column drop grow as you connect?",
    )


RULE = Rule(
    id="K8",
    title="the table of tracked connections is full, and new ones are dropped",
    layer=Layer.FIREWALL,
    symptom="the connect times out; the kernel's log says nf_conntrack: table full",
    looks_for="nf_conntrack_count at nf_conntrack_max, and its counter of dropped packets",
    fix="sysctl -w net.netfilter.nf_conntrack_max=…",
    judge=_judge,
)
