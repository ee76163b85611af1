"""H18: the port speaks HTTP/2 only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import shown
from homeport.wire.http2 import read_settings, says_goaway

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.is_http or talk.response or talk.plain:
        return None
    data = talk.heard.data
    frame = says_goaway(data) or read_settings(data) is not None
    found = talk.identity
    named = found is not None and found.protocol in ("http2", "grpc")
    if not frame and not named:
        return None
    told = ["the answer to a request of HTTP/1.1 is a frame of HTTP/2"] if frame else []
    place = case.service.place
    return Verdict(
        (*told, *(found.evidence if found is not None and named else ())),
        f"curl --http2-prior-knowledge http://{place}{shown(case.service.path)}; for gRPC: grpcurl "
        f"-plaintext {place} list; a browser speaks HTTP/2 only over TLS",
        title="the port speaks gRPC" if found is not None and found.protocol == "grpc" else None,
    )


RULE = Rule(
    id="H18",
    title="the port speaks HTTP/2 only",
    layer=Layer.PROTOCOL,
    symptom="“Received HTTP/0.9 when not allowed”, bytes that are no text, or an empty answer",
    looks_for="the answer is a frame of HTTP/2 (RFC 9113), or the listener was recognised as "
    "HTTP/2 or gRPC",
    fix="use a client with prior knowledge of HTTP/2: curl --http2-prior-knowledge, grpcurl "
    "-plaintext",
    judge=_judge,
)
