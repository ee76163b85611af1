"""Port forwarders, where they lead, and who listens there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.model.endpoint import Transport, reaches
from homeport.model.record import NamedTuple
from homeport.see.diagnose.case import is_tcp
from homeport.see.diagnose.words import listener_words
from homeport.see.forwarders import FORWARDERS, program
from homeport.wire.forwarder import parse_docker_proxy, parse_pasta

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.model.sockets import Listener
    from homeport.see.diagnose.case import Case

_SOCAT = re.compile(
    r"(?:TCP[46]?|TCP[46]?-CONNECT|OPENSSL):(\[[^\]]+\]|[^:,]+):(\d+)", re.IGNORECASE
)
_SSH = re.compile(r"(?:(?:\[[^\]]*\]|[^:]*):)?(\d+):(\[[^\]]+\]|[^:]+):(\d+)$")
_REMOTE = ("kubectl", "oc", "gcloud", "ngrok", "cloudflared", "autossh")
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Forwarded(NamedTuple):
    """Where a forwarder sends what it gets. None is what its arguments do not say.

    `remote` tells that this is seen from another machine or network, as with `ssh -L`; `within`
    that it is in the network namespace of a container.
    """

    host: str | None
    port: int | None
    remote: bool = False
    within: bool = False

    @property
    def words(self) -> str:
        """The far end."""
        place = f"port {self.port}" if self.host is None else f"{self.host}:{self.port}"
        if self.port is None:
            return "a container or another machine"
        return f"{place} as seen from the other machine" if self.remote else place


class FarEnd(NamedTuple):
    """What is known of it: in words where it proves something, and what mends that."""

    told: str | None
    mend: str
    answers: bool = False


def forward_of(owner: Process, listener: Listener) -> Forwarded | None:
    """Where a process forwards the port of its listener; None for one that is no forwarder."""
    name, argv = program(owner), owner.argv or ()
    if name in ("socat", "socat1"):
        found = [match for word in argv if (match := _SOCAT.search(word))]
        return Forwarded(found[-1][1].strip("[]"), int(found[-1][2])) if found else None
    if name in ("ssh", "autossh"):
        return _of_ssh(argv, listener.endpoint.port)
    if name == "docker-proxy":
        told = parse_docker_proxy(argv)
        return None if told is None else Forwarded(told.address, told.port, within=True)
    if name.startswith("pasta"):
        told = parse_pasta(argv, Transport.TCP, listener.endpoint.port)
        return Forwarded(None, None if told is None else told.port, within=True)
    if name in FORWARDERS:
        return Forwarded(None, None, within=True)
    return Forwarded(None, None, remote=True) if name in _REMOTE else None


def _of_ssh(argv: tuple[str, ...], port: int) -> Forwarded | None:
    for before, word in zip(("", *argv), argv, strict=False):
        specification = word[2:] if word.startswith("-L") and len(word) > 2 else word
        if not (word.startswith("-L") or before == "-L"):
            continue
        found = _SSH.search(specification)
        if found is not None and int(found[1]) == port:
            return Forwarded(found[2].strip("[]"), int(found[3]), remote=True)
    return None


def behind(case: Case, owner: Process, forward: Forwarded) -> FarEnd:
    """Who listens where a forwarder leads, as far as that is on this machine and can be seen."""
    if forward.port is None or forward.remote:
        return FarEnd(None, _mend(forward, owner))
    listeners = [
        each
        for each in case.snapshot.listeners
        if each.endpoint.port == forward.port and is_tcp(each) and owner not in each.owners
    ]
    there = [each for each in listeners if _takes(each, forward, case)]
    if there:
        return FarEnd(None, "", answers=True)
    hidden = any("may not be entered" in each for each in case.snapshot.limits)
    near = [each for each in listeners if not forward.within or each.netns not in case.own_netns]
    if near:
        told = f"there listens {listener_words(near[0])}, which connections to "
        told += f"{forward.words} do not come to"
        return FarEnd(told, f"let the service listen on 0.0.0.0:{forward.port}, not on loopback")
    if hidden:
        return FarEnd(None, _mend(forward, owner))
    return FarEnd(
        f"nobody listens on port {forward.port}, in any network namespace of this machine",
        f"start the service that should listen on port {forward.port}",
    )


def _takes(listener: Listener, forward: Forwarded, case: Case) -> bool:
    own = listener.netns in case.own_netns or not case.own_netns
    host = forward.host
    if host is None:
        return False
    if host in _LOCAL:
        address = "127.0.0.1" if host == "localhost" else host
        return own and reaches(listener.endpoint.address, address, v6only=bool(listener.v6only))
    if listener.endpoint.address == host:
        return True
    try:
        return not own and reaches(listener.endpoint.address, host, v6only=bool(listener.v6only))
    except ValueError:  # a name, not an address
        return False


def _mend(forward: Forwarded, owner: Process) -> str:
    if forward.within:
        return (
            "look into the container: does the service run there, and listen on 0.0.0.0? "
            "docker exec NAME ss -tln"
        )
    return f"start the service at {forward.words}, or correct the arguments of pid {owner.pid}"
