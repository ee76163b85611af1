"""What lies around an HTTP service that is no good: issuers of its certificate, its upstreams.

Also, where a client was not understood, what the port speaks instead.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from homeport.model.endpoint import Endpoint, Transport
from homeport.see.diagnose.case import Authority, Case, Talk, Upstream, is_tcp
from homeport.see.diagnose.web_words import NO_HANDSHAKE
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.model.identity import Identity
    from homeport.model.sockets import Listener
    from homeport.wire.http1 import Response
    from homeport.wire.nginx_conf import Passed

_UNTRUSTED = {2, 7, 19, 20, 21}
_CERTIFICATE_FILE = re.compile(r"[\w./~+-]+\.(?:pem|crt|cer|cert|key)\b")
_OF_A_PROXY = {413, 502, 503, 504}
_ASK_S, _ASK_UPSTREAM_S = 1.2, 0.5
_LOCALS = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}


def with_surroundings(case: Case) -> Case:
    """The case with what its conversation makes worth a look; nothing where there was none."""
    talk = case.talk
    if talk is None or talk.healthy:
        return case
    if not case.service.is_http:
        return _with_what_it_speaks(case, talk)
    if talk.heard.verify_code in _UNTRUSTED:
        return _without_store(case) or case._replace(authorities=_authorities(case))
    if _not_understood(talk):
        return case._replace(talk=talk._replace(identity=_identity(case)))
    if _by_a_proxy(case, talk):
        return case._replace(upstreams=_upstreams(case))
    return case


def _with_what_it_speaks(case: Case, talk: Talk) -> Case:
    """What the port speaks where a client of another protocol was not understood.

    A server that does not even take the connection is not asked again.
    """
    waits = case.now is not None and case.now.queue > 0
    stopped = any(each.state in "Tt" for each in case.pulses)
    known = talk.error is not None or talk.identity is not None or bool(_told(talk))
    if known or waits or stopped or talk.heard.verify_code is not None:
        return case
    return case._replace(talk=talk._replace(identity=_identity(case)))


def _told(talk: Talk) -> list[str]:
    """What the conversation found out about the server; as whom it went on is none of that."""
    return [name for name, _ in talk.facts if name != "user"]


def _by_a_proxy(case: Case, talk: Talk) -> bool:
    status = 0 if talk.response is None else talk.response.status
    return status in _OF_A_PROXY or (case.service.scheme in {"ws", "wss"} and 0 < status != 101)


def _not_understood(talk: Talk) -> bool:
    """Whether something came, or the connection was ended, and it made no sense as HTTP or TLS."""
    if talk.response is not None or talk.plain is not None or talk.heard.tls is not None:
        return False
    if talk.heard.ended is Ended.SILENT or talk.heard.verify_code is not None:
        return False
    if talk.heard.why == NO_HANDSHAKE and not talk.facts:
        return False  # silent it was, and there is no time left to wait for more silence
    return talk.secured is None or talk.secured.tls is None


def _identity(case: Case) -> Identity | None:
    """What the port speaks, asked as `homeport ls --identify` does."""
    from homeport.host.talking import Place, converse
    from homeport.see.identify.catalog import protocols
    from homeport.see.identify.conversation import conversation, identity_of
    from homeport.see.identify.suspects import suspicion

    listener, reached = case.listener, case.connected
    if listener is None or reached is None:
        return None
    suspected = suspicion(listener, protocols())
    if suspected.harm is not None:
        return None
    plain, _, zone = reached.address.partition("%")
    place = Place(Endpoint(Transport.TCP, plain, case.port, zone or None), case.client.namespace)
    answer = converse([(place, conversation(suspected, protocols()))], _ASK_S)[0]
    return None if answer is None else identity_of(answer, suspected)


def _without_store(case: Case) -> Case | None:
    """The case with the fact that the file which the client is told to trust is none."""
    from homeport.host.trust import trust_store
    from homeport.wire.certificate_chain import of_pem

    path, content = trust_store(case.client.environment)
    if case.talk is None or of_pem(content) or not case.client.environment.get("SSL_CERT_FILE"):
        return None
    told = f"{path} has no certificate" if content else f"{path} cannot be read"
    return case._replace(talk=case.talk._replace(facts=(*case.talk.facts, ("no trust", told))))


def _authorities(case: Case) -> tuple[Authority, ...]:
    """Issuers of the last certificate that the server sent."""
    from homeport.host.trust import lying_about, own_root, trust_store
    from homeport.wire.certificate_chain import issuers_of, namesake_of, of_pem
    from homeport.wire.certificates import certificate_of

    flight = None if case.talk is None else case.talk.flight
    if flight is None or not flight.certificates:
        return ()
    last = flight.certificates[-1]
    store, content = trust_store(case.client.environment)
    trusted, ours = of_pem(content), of_pem(own_root()[1])
    found: list[Authority] = []
    for path, data in [(store, content), *lying_about(case.client.environment, _beside(case))]:
        for der in issuers_of(last, of_pem(data) if path != store else trusted):
            told = certificate_of(der)
            if told is None or der == last:
                continue
            anchored = der in trusted or bool(issuers_of(der, trusted))
            found.append(
                Authority(path, told.subject, anchored, told.self_signed, ours=der in ours)
            )
    if not found and (name := namesake_of(last, trusted)) is not None:
        found.append(Authority(store, name, trusted=True, root=True, namesake=True))
    return tuple(dict.fromkeys(found))


def _beside(case: Case) -> list[str]:
    """Directories in which the server may have its certificates."""
    from homeport.host.trust import kept_by

    found: list[str] = []
    for owner in () if case.listener is None else case.listener.owners:
        found += kept_by(owner.pid)
        cwd = owner.cwd or "/"
        words = _CERTIFICATE_FILE.findall(" ".join(owner.argv or ()))
        files = [os.path.join(cwd, each) for each in words]
        found += [os.path.dirname(each) for each in files]
        found += [each for each in (cwd, f"{cwd}/certs", f"{cwd}/ssl", f"{cwd}/tls") if cwd != "/"]
    return list(dict.fromkeys(found))


def _upstreams(case: Case) -> tuple[Upstream, ...]:
    from homeport.host.proxy_config import passed_on

    listener = case.listener
    if listener is None:
        return ()
    path = case.talk.redirects[-1].url if case.talk and case.talk.redirects else case.service.path
    found = passed_on(listener.owners, case.port, path)
    return tuple(_looked_at(case, each) for each in found)


def _looked_at(case: Case, to: Passed) -> Upstream:
    from homeport.see.explain.names import who

    if to.place.startswith("/"):
        listens = any(each.path == to.place for each in case.unix)
        return Upstream(to.place, to.where, listens, upgrades=to.upgrades, body_limit=to.body_limit)
    host, _, number = to.place.rpartition(":")
    host, port = host.strip("[]"), int(number)
    if host not in _LOCALS and not host.startswith("127."):
        return Upstream(to.place, to.where, upgrades=to.upgrades, body_limit=to.body_limit)
    there = _listening(case, host, port)
    return Upstream(
        to.place,
        to.where,
        there is not None,
        None if there is None else who(there),
        to.upgrades,
        _asked(case, host, port) if there is not None else None,
        to.body_limit,
    )


def _listening(case: Case, host: str, port: int) -> Listener | None:
    """Who listens for the proxy, in the network namespace that it lives in."""
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    there = case._replace(service=case.service._replace(port=port))
    return next(
        (each for address in addresses for each in there.serving(address) if is_tcp(each)), None
    )


def _asked(case: Case, host: str, port: int) -> Response | None:
    """What the upstream says to a WebSocket client without the proxy between."""
    from homeport.host.talking import Place, call
    from homeport.see.diagnose.dialects.http import converse

    service = case.service
    if service.scheme not in {"ws", "wss"}:
        return None
    direct = service._replace(scheme="ws", host=host, port=port, user=None, password=None)
    address = "127.0.0.1" if host in {"localhost", "0.0.0.0"} else host
    place = Place(Endpoint(Transport.TCP, address, port), case.client.namespace)
    _, talk = call([place], converse(direct), connect_s=0.3, budget_s=_ASK_UPSTREAM_S)
    return None if talk is None else talk.response
