"""G3: the gateway at that port is another user's, and serves nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.home import HOME_PORTS
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_PROGRAM = "homeport.run.gateway.serving"


def _judge(case: Case) -> Verdict | None:
    listener, uid = case.listener, case.client.uid
    if listener is None or listener.uid is None or uid in (listener.uid, 0):
        return None
    if not case.connected or case.talk is None or case.talk.healthy:
        return None
    known = _is_a_gateway(case)
    if not known and case.port not in HOME_PORTS:
        return None
    whose = listener.user or f"uid {listener.uid}"
    other = sorted(case.home.gateway_ports - {case.port})
    host = case.service.host
    return Verdict(
        (
            f"the listener belongs to {whose}, and the client is uid {uid}",
            (
                f"a program of {whose} has been started as Homeport's gateway"
                if known
                else f"{case.port} is one of Homeport's own ports ({HOME_PORTS})"
            ),
            "it took the connection and served nothing: a gateway serves its own user only",
        ),
        f"your own gateway has another port: {case.service.scheme or 'http'}://{host}:{other[0]}"
        if other
        else "homeport up starts a gateway of your own, at the next port that is free",
        Sureness.SURE if known else Sureness.LIKELY,
        tell_apart="homeport ps tells where your own gateway is",
    )


def _is_a_gateway(case: Case) -> bool:
    """Whether the listener's user runs a gateway that was told to listen there."""
    listener = case.listener
    if listener is None:
        return False
    processes = [*listener.owners, *(each for each in case.naming if each.uid == listener.uid)]
    return any(_PROGRAM in (each.argv or ()) for each in processes)


RULE = Rule(
    id="G3",
    title="the gateway at this port is another user's",
    layer=Layer.OWNER,
    symptom="403 Forbidden from a gateway: it serves another user of this machine",
    looks_for="a listener of another user on a port of Homeport's gateway that serves nothing",
    fix="use the port of your own gateway, which homeport ps tells",
    judge=_judge,
)
