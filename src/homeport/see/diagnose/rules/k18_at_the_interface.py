"""K18: the interface itself loses the packets: traffic control, or an XDP program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confining import no_other_way_to_drop
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    at = case.confines.crossing
    late = [each for each in case.outcomes(Outcome.TIMED_OUT) if no_other_way_to_drop(case, each)]
    if at is None or case.connected is not None or not late or case.confines.dropping:
        return None
    losing = [each for each in at.disciplines if each.loss or (each.strange and each.dropped)]
    if not losing and not at.programs:
        return None
    told = [late[0].told, *(listener_words(each) for each in case.serving(late[0].address)[:1])]
    for each in losing:
        share = "" if each.loss is None else f", it is set to lose {each.loss:.0%}"
        told.append(
            f"{at.interface} has the queueing discipline {each.kind}, which has dropped "
            f"{each.dropped} packet{'' if each.dropped == 1 else 's'}{share}"
        )
    told += [f"{at.interface} has a BPF program at {each}" for each in at.programs]
    return Verdict(
        tuple(told),
        f"tc qdisc del dev {at.interface} root" if losing else _detach(at.interface, at.programs),
        Sureness.SURE if any(each.loss == 1 for each in losing) else Sureness.LIKELY,
        tell_apart=f"tc -s qdisc show dev {at.interface}: does “dropped” grow as you connect?",
    )


def _detach(interface: str, programs: tuple[str, ...]) -> str:
    if programs[0].startswith("XDP"):
        return f"ip link set dev {interface} xdp off, and xdpgeneric off"
    return f"bpftool net show dev {interface} tells who has attached it; stop that"


RULE = Rule(
    id="K18",
    title="packets are lost at the interface: by traffic control, or a BPF program",
    layer=Layer.FIREWALL,
    symptom="the connect times out, though no firewall has a rule for it",
    looks_for="netem, tbf and the like on lo, with packets dropped; XDP and tcx programs",
    fix="tc qdisc del dev lo root; ip link set dev lo xdp off",
    judge=_judge,
)
