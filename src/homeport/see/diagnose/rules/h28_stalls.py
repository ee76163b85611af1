"""H28: the answer stops coming in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or talk.healthy or not case.service.is_http or not talk.heard.data:
        return None
    if talk.heard.ended is not Ended.SILENT or talk.identity is not None:
        return None
    response = talk.response
    if response is not None and response.complete:
        return None
    length = None if response is None else response.headers.get("content-length")
    had = f"{len(response.body)} bytes of its body" if response else f"{len(talk.heard.data)} bytes"
    of = f" of {quoted(length, 20)}" if length else ""
    return Verdict(
        (
            f"the answer begins: {response.line}"
            if response
            else "the answer begins, and its head does not end",
            f"{had}{of} came, then nothing until {talk.heard.elapsed_ms} ms were over",
        ),
        "see what the server does: py-spy dump --pid PID, its log; small answers that work and "
        "large "
        "ones that stop point at the way between (MTU): homeport check names it where it is",
        Sureness.LIKELY,
        tell_apart="does the whole come after a longer wait? curl -m 60 -o /dev/null -w "
        "'%{size_download} %{time_total}'",
    )


RULE = Rule(
    id="H28",
    title="the answer stops coming in the middle",
    layer=Layer.PROTOCOL,
    symptom="a page that loads for ever, after its beginning came",
    looks_for="a head, fewer bytes than Content-Length, and then nothing for over a second",
    fix="find what the server waits for while it writes",
    judge=_judge,
)
