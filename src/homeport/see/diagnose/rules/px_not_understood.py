"""PX: the port does not speak HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import holder
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if not case.service.is_http or case.connected is None:
        return None
    if talk is None:
        return _took_too_long(case)
    if talk.healthy or talk.response or talk.plain:
        return None
    if talk.heard.ended in (Ended.UNSECURED, Ended.REFUSED, Ended.UNREACHED):
        return None
    return Verdict(
        (
            (
                f"the request is answered with {len(talk.heard.data)} bytes, none of them HTTP; "
                "then: "
                f"{talk.heard.ended} after {talk.heard.elapsed_ms} ms"
            ),
            f"it is held by {holder(case)}",
        ),
        "the log of the server says why it hangs up; if it is no web server: homeport ls "
        "--identify "
        f"--port {case.port}",
        Sureness.LIKELY,
    )


def _took_too_long(case: Case) -> Verdict:
    return Verdict(
        ("the connection came about, and the conversation was not over in the time there is",),
        f"curl -v -m 60 {case.service.asked} shows how far it comes",
        Sureness.LIKELY,
        title="the server takes too long to answer",
    )


RULE = Rule(
    id="PX",
    title="the port does not speak HTTP",
    layer=Layer.PROTOCOL,
    symptom="an empty answer (curl 52), or a reset",
    looks_for="the connection came about, and ended without a byte; nothing was recognised",
    fix="find out what the port speaks, or why the server hangs up",
    judge=_judge,
    general=True,
)
