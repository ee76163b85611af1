"""L15: a port forwarder accepts, and cannot reach what is behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.forwarding import behind, forward_of
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.see.diagnose.case import Case
    from homeport.see.diagnose.forwarding import Forwarded


def _judge(case: Case) -> Verdict | None:
    if case.talk is None or case.talk.response is not None or not _came_to_nothing(case):
        return None
    for listener in case.served_by:
        for owner in listener.owners:
            forward = forward_of(owner, listener)
            if forward is not None:
                return _about(case, owner, forward)
    return None


def _came_to_nothing(case: Case) -> bool:
    return case.ended_without_a_byte or (
        case.talk is not None
        and case.talk.heard.ended is Ended.UNSECURED
        and case.talk.heard.verify_code is None
        and not case.talk.heard.data
    )


def _about(case: Case, owner: Process, forward: Forwarded) -> Verdict | None:
    there = behind(case, owner, forward)
    evidence = [
        f"connected, and closed without a byte: {case.talk.heard.ended if case.talk else ''}",
        f"the listener is held by {process_words(owner)}, which forwards to {forward.words}",
    ]
    if there.answers:
        return None
    if there.told is not None:
        evidence.append(there.told)
    return Verdict(
        tuple(evidence),
        there.mend,
        Sureness.SURE if there.told is not None else Sureness.LIKELY,
        tell_apart=f"connect to {forward.words} from where the forwarder does",
    )


RULE = Rule(
    id="L15",
    title="the port forwarder accepts, and nobody answers behind it",
    layer=Layer.LISTENER,
    symptom="connected, and closed at once without a byte",
    looks_for="a listener held by docker-proxy, socat, ssh -L or alike; who listens where it leads",
    fix="let the service behind listen where the forwarder leads: 0.0.0.0 in a container",
    judge=_judge,
)
