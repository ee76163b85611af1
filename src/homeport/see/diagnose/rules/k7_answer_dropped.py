"""K7: the server answers, and the firewall stops its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.sockets import TcpState
from homeport.see.diagnose.on_the_way import judged
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    verdict = judged(case, "K7")
    if verdict is None:
        return None
    half = [
        each
        for each in case.connections
        if each.local_port == case.port
        and each.state in (TcpState.SYN_RECEIVED, TcpState.NEW_SYN_RECEIVED)
    ]
    told = (f"{len(half)} connections are half open at the server (SYN-RECEIVED)",) if half else ()
    return verdict._replace(evidence=(*verdict.evidence, *told))


RULE = Rule(
    id="K7",
    title="a firewall rule drops the answer of the server",
    layer=Layer.FIREWALL,
    symptom="the connect times out",
    looks_for="a rule on the source port that the answer meets; a connection in SYN-RECEIVED",
    fix="let the answers through: ct state established,related accept",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)
