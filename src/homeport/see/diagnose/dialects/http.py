"""HTTP, in the clear and over TLS, and the opening handshake of WebSocket (RFC 6455, 4.1).

Where all is well it is one request over one connection. What follows a redirect is asked for as a
browser would; what follows an answer that is no good asks only with GET, and without the password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.version import __version__
from homeport.see.diagnose.case import Again, Talk
from homeport.see.diagnose.dialects import Dialect
from homeport.see.diagnose.web_words import NO_HANDSHAKE
from homeport.wire.exchange import Conversation, Ended, Heard, OutOfTime, Turn
from homeport.wire.http1 import Response, looks_like_http, read_response
from homeport.wire.web_answer import is_login, is_stream, location

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1500
_SHORT_MS = 400
_GREETING_MS = 300
_MOST_REDIRECTS = 5
_MUCH = 1 << 18
_UPGRADE = (
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: aG9tZXBvcnQgY2hlY2tzIQ==",  # any 16 bytes
)
_HOST_MATTERS = {400, 403, 421}
_HUNG_UP, _SAID = "hung up in the clear", "said in the clear"
_LOCAL = ("localhost", "127.0.0.1")


def request(
    service: Service, *, path: str | None = None, host: str | None = None, upgrade: bool = True
) -> bytes:
    """What a client would ask for; with a path or a host of its own it is asked as a stranger."""
    own = path is None and host is None
    lines = [f"GET {path or service.path} HTTP/1.1", f"Host: {host or host_of(service)}"]
    lines += [f"User-Agent: homeport/{__version__}", "Accept: */*"]
    lines += [_authorization(service)] if own and service.user is not None else []
    if upgrade and is_websocket(service):
        lines += ["Connection: Upgrade", *_UPGRADE]
    else:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


def is_websocket(service: Service) -> bool:
    """Whether the client wants to leave HTTP for WebSocket."""
    return service.scheme in {"ws", "wss"}


def host_of(service: Service) -> str:
    """The Host header: without the port where it is the scheme's own."""
    usual = 443 if service.over_tls else 80
    if service.port != usual:
        return service.place
    return service.place.removesuffix(f":{usual}")


def _authorization(service: Service) -> str:
    from base64 import b64encode

    words = f"{service.user}:{service.password or ''}".encode()
    return f"Authorization: Basic {b64encode(words).decode('ascii')}"


def converse(service: Service) -> Conversation[Talk]:
    """One request; where it fails, whether the port speaks TLS instead, or no TLS at all."""
    alpn = ("http/1.1",) if service.over_tls else None
    verify = service.host if service.over_tls else None
    heard = yield Turn(request(service), _whole, WAIT_MS, alpn=alpn, verify=verify)
    talk = _talk(heard)
    if is_websocket(service) and talk.response is not None and talk.response.status != 101:
        talk = talk._replace(healthy=False)
    if service.over_tls and heard.tls is None:
        try:
            return (yield from _unsecured(service, talk))
        except OutOfTime:
            return talk._replace(cut_off=True)  # the handshake that failed tells enough
    if talk.response is None:
        return (yield from _not_understood(service, talk))
    if talk.healthy and talk.response.status // 100 == 3:
        return (yield from _redirected(service, talk, alpn, verify))
    if talk.healthy or heard.ended is Ended.SILENT:
        return talk
    return (yield from _refused(service, talk, alpn, verify))


def _unsecured(service: Service, talk: Talk) -> Conversation[Talk]:
    """After a handshake that failed: the certificate, or what the port says in the clear."""
    if talk.heard.verify_code is not None:
        secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
        return (yield from _first_flight(service, talk._replace(secured=secured)))
    said, plain = yield from _in_the_clear(service)
    talk = talk._replace(plain=plain, facts=said)
    if plain is not None or _SAID in dict(said) or talk.heard.why == NO_HANDSHAKE:
        return talk  # a third connection would take more time than there is
    secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
    return (yield from _first_flight(service, talk._replace(secured=secured)))


def _in_the_clear(
    service: Service,
) -> Conversation[tuple[tuple[tuple[str, str], ...], Response | None]]:
    """What the port says without TLS: unasked, or to a request."""
    heard = yield Turn(wait_ms=_GREETING_MS)
    if not heard.data and heard.ended is Ended.SILENT:
        heard = yield Turn(request(service, path="/"), _whole, _SHORT_MS, fresh=False)
    response = read_response(heard.data, ended=True)
    if response is not None and response.status == 400 and _names_tls(response):
        return (), None  # a TLS server that has seen what the request was
    if not heard.data and heard.ended is not Ended.SILENT:
        return ((_HUNG_UP, heard.ended),), None
    if response is not None or not heard.data or looks_like_http(heard.data):
        return (), response
    if heard.data[:2] == b"\x15\x03":  # an alert: TLS it is
        return (), None
    return ((_SAID, heard.data[:80].decode("latin-1")),), None


def _first_flight(service: Service, talk: Talk) -> Conversation[Talk]:
    """What TLS 1.2 shows before it is encrypted: the chain, whether a certificate is asked for."""
    from homeport.wire.tls_handshake import client_hello, is_whole, read_flight

    is_address = service.host.replace(".", "").isdigit() or ":" in service.host
    heard = yield Turn(client_hello(None if is_address else service.host), is_whole, _SHORT_MS)
    return talk._replace(flight=read_flight(heard.data))


def _not_understood(service: Service, talk: Talk) -> Conversation[Talk]:
    """After no answer, or one that is no HTTP: whether the port wants TLS, or a certificate."""
    if service.over_tls:
        return (yield from _first_flight(service, talk))
    if talk.heard.ended is Ended.SILENT:
        return talk
    secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
    return talk._replace(secured=secured)


def _redirected(
    service: Service, talk: Talk, alpn: tuple[str, ...] | None, verify: str | None
) -> Conversation[Talk]:
    """Goes where the answer sends the client, as long as that is the same server."""
    seen = [service.path]
    path: str | None = service.path
    while talk.response is not None and len(talk.redirects) < _MOST_REDIRECTS:
        to = location(talk.response, service, path or "/")
        if to is None or to.elsewhere or is_login(to.path):
            break
        talk = talk._replace(
            redirects=(*talk.redirects, Again(path or "/", host_of(service), talk.response))
        )
        if to.path in seen:
            return talk._replace(healthy=False, facts=(*talk.facts, ("loop", to.path)))
        path = to.path
        seen.append(path)
        heard = yield Turn(request(service, path=path), _whole, WAIT_MS, alpn=alpn, verify=verify)
        talk = _talk(heard)._replace(redirects=talk.redirects, facts=talk.facts)
        if not talk.healthy or talk.response is None or talk.response.status // 100 != 3:
            break
    return (yield from _sent_away(service, talk, path or "/"))


def _sent_away(service: Service, talk: Talk, path: str) -> Conversation[Talk]:
    """After a redirect to https on this very port: whether the port speaks TLS."""
    response = talk.response
    to = None if response is None else location(response, service, path)
    if to is None or not to.elsewhere:
        return talk
    talk = talk._replace(facts=(*talk.facts, ("sent to", to.url)))
    if service.over_tls or to.scheme != "https" or not to.same_port:
        return talk
    secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
    return talk._replace(secured=secured, healthy=secured.tls is not None)


def _refused(
    service: Service, talk: Talk, alpn: tuple[str, ...] | None, verify: str | None
) -> Conversation[Talk]:
    """After an answer that is no good: whether host, path or the missing TLS is to blame."""
    response = talk.response
    if response is None:
        return talk
    if response.status == 400 and not service.over_tls and _names_tls(response):
        secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
        if secured.tls is not None:
            return talk._replace(secured=secured)
    hosts, paths = _other_ways(service, response)
    for host, path in [*((each, None) for each in hosts), *((None, each) for each in paths)]:
        said = request(service, path=path or service.path, host=host, upgrade=path is None)
        heard = yield Turn(said, _whole, _SHORT_MS, alpn=alpn, verify=verify)
        found = _talk(heard).response
        again = Again(path or service.path, host or host_of(service), found)
        talk = talk._replace(again=(*talk.again, again))
        if found is not None and found.status < 400:
            break
    return talk


def _other_ways(service: Service, response: Response) -> tuple[list[str], list[str]]:
    """Under which other hosts, and with which other paths, the answer may be a better one."""
    asked = host_of(service)
    hosts = [f"{each}:{service.port}" for each in _LOCAL]
    hosts = [each for each in hosts if each != asked] if response.status in _HOST_MATTERS else []
    paths = ["/"] if response.status == 404 and service.path != "/" else []
    if is_websocket(service) and response.status < 500:
        paths = [*paths, service.path]
    return hosts, paths


def _names_tls(response: Response) -> bool:
    words = response.body[:2000].lower()
    return any(each in words for each in (b"https", b"ssl", b"tls"))


def _whole(data: bytes) -> object:
    """Whether enough has come: the whole response, or something that will never be one."""
    response = read_response(data)
    if response is None:
        return len(data) >= 5 and not looks_like_http(data)
    return response.complete or response.broken or response.status == 101 or is_stream(response)


def _talk(heard: Heard) -> Talk:
    ended = heard.ended is Ended.CLOSED
    response = read_response(heard.data, ended=ended) if heard.data else None
    return Talk(heard, _is_fine(heard, response), response)


def _is_fine(heard: Heard, response: Response | None) -> bool:
    """Whether the answer is one that a client is content with; a redirect is looked at by rules."""
    return (
        response is not None
        and response.status < 400
        and (response.complete or response.status == 101 or _goes_on(heard, response))
    )


def _goes_on(heard: Heard, response: Response) -> bool:
    """Whether the body is still coming: a stream that has no end, or more than is waited for."""
    if response.broken is not None and heard.ended is not Ended.ENOUGH:
        return False
    if is_stream(response) or len(heard.data) >= _MUCH:
        return heard.ended in (Ended.ENOUGH, Ended.SILENT)
    return heard.ended is Ended.SILENT and "content-length" not in response.headers


DIALECT = Dialect(converse)
