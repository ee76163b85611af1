"""P2: the body of the answer is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.broken is None or "peer closed" in response.broken:
        return None
    return Verdict(
        (
            f"the answer begins well: {response.line}",
            f"then it breaks HTTP: {quoted(response.broken)}",
        ),
        "the server, or a proxy before it, sets Transfer-Encoding or Content-Length itself and "
        "writes "
        "something else: leave both to the framework",
    )


RULE = Rule(
    id="P2",
    title="the body of the answer is broken",
    layer=Layer.PROTOCOL,
    symptom="malformed chunked encoding, ERR_INVALID_CHUNKED_ENCODING, Parse Error: Invalid "
    "character in chunk size",
    looks_for="bytes within the answer that break RFC 9112: a chunk without its size, a second "
    "Content-Length",
    fix="let the framework write the framing: no Transfer-Encoding or Content-Length by hand",
    judge=_judge,
)
