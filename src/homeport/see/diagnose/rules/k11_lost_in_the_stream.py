"""K11: the connection comes about, and what is sent over it gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import our_end
from homeport.see.diagnose.on_the_way import obstacles, removal
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is None or case.after is None or not _waits_in_vain(case):
        return None
    ours, end = case.ours, our_end(case)
    if ours is None:
        return None
    theirs, mine = ours.send_queue, 0 if end is None else end.send_queue
    room = end is None or end.receive_queue == 0
    again = case.counters.retransmitted if case.counters else 0
    if not room or not (theirs or mine) or not again:
        return None
    told = (
        f"the server has sent {theirs} bytes that have not come here"
        if theirs
        else f"we have sent {mine} bytes that have not come to the server"
    )
    rules = [each for each in obstacles(case, case.connected) if each.grown and each.rule.stops]
    came = 0 if case.talk is None else len(case.talk.heard.data)
    mend = (
        "look for a filter of large packets (nft list ruleset), and compare the MTUs on the way "
        "(ip link): ip link set dev IFACE mtu 1400"
    )
    return Verdict(
        (
            f"connected, {came} bytes came, then nothing",
            f"{told}; {again} segments were sent again meanwhile",
            *(each.told for each in rules),
        ),
        removal(rules[0].rule, case.port) if rules else mend,
    )


def _waits_in_vain(case: Case) -> bool:
    return case.talk is None or (not case.talk.healthy and case.talk.heard.ended is Ended.SILENT)


RULE = Rule(
    id="K11",
    title="packets of the open connection get lost",
    layer=Layer.TCP,
    symptom="small answers come, large ones stop; or nothing comes after the connect",
    looks_for="bytes that were sent and have not come, retransmissions, a rule that counts",
    fix="lower the MTU, clamp the MSS, let established connections through",
    judge=_judge,
)
