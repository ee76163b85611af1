"""K15: the server has closed connections that the client still keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.model.sockets import TcpState
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    closed = [each for each in case.of_client if each.state is TcpState.CLOSE_WAIT]
    if not closed:
        return None
    return Verdict(
        (
            (
                f"process {case.client.pid} holds {len(closed)} connections to port {case.port} "
                "that the server has closed (CLOSE-WAIT): a request over one of them fails"
            ),
            f"for example {closed[0].local} to {closed[0].remote}",
        ),
        "in the client, keep idle connections for a shorter time than the server does (its "
        "keep-alive timeout: gunicorn 2 s, uvicorn and node 5 s, nginx 75 s), and repeat requests "
        "that may be repeated",
        Sureness.LIKELY,
        tell_apart="do only requests after a pause fail?",
    )


RULE = Rule(
    id="K15",
    title="the client keeps connections that the server has closed",
    layer=Layer.TCP,
    symptom="now and then the first request after a pause fails: EOF, ECONNRESET, “socket hang up”",
    looks_for="connections of the client to the service in CLOSE-WAIT (--as PID)",
    fix="let the client keep them shorter than the server, and repeat what may be repeated",
    judge=_judge,
)
