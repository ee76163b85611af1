"""L24: the forwarder of Docker Desktop, or of a podman machine, accepts for a container's sake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.see.diagnose.case import Case

# A process's name has 15 characters at most.
_NAMES = {
    "com.docker.back": "Docker Desktop",
    "com.docker.vpnk": "Docker Desktop",
    "com.docker.prox": "Docker Desktop",
    "vpnkit": "Docker Desktop",
    "vpnkit-bridge": "Docker Desktop",
    "vpnkit-forwarde": "Docker Desktop",
    "gvproxy": "podman machine",
    "wslrelay": "WSL2",
    "host-switch": "Rancher Desktop",
}


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or talk.response is not None or not _came_to_nothing(case):
        return None
    found = [(each, name) for each in _owners(case) if (name := forwarded_by(each))]
    if not found:
        return None
    owner, product = found[0]
    return Verdict(
        (
            f"connected, and not a byte came in {talk.heard.elapsed_ms} ms: {talk.heard.ended}",
            (
                f"the listener is held by {process_words(owner)}, by which {product} passes "
                "connections on into its virtual machine: it accepts whoever answers there, or not"
            ),
        ),
        "docker ps shows what is published; within, the service has to listen on 0.0.0.0: docker "
        "exec NAME ss -tln (podman likewise); restart the container, then the desktop",
        Sureness.LIKELY,
        tell_apart="docker logs NAME: has the server seen the connection? Then it closes it itself",
    )


def _came_to_nothing(case: Case) -> bool:
    heard = None if case.talk is None else case.talk.heard
    unsecured = heard is not None and heard.ended is Ended.UNSECURED and heard.verify_code is None
    return case.ended_without_a_byte or (unsecured and heard is not None and not heard.data)


def _owners(case: Case) -> list[Process]:
    return [owner for each in case.served_by for owner in each.owners]


def forwarded_by(process: Process) -> str | None:
    """The product whose forwarder a process is."""
    return _NAMES.get((process.name or "").partition(".exe")[0][:15])


RULE = Rule(
    id="L24",
    title="the desktop's forwarder accepts, and the container behind it does not answer",
    layer=Layer.LISTENER,
    symptom="connected, and closed at once without a byte",
    looks_for="a listener held by com.docker.backend, vpnkit, gvproxy or the like",
    fix="publish the right port, and let the service listen on 0.0.0.0 within the container",
    judge=_judge,
)
