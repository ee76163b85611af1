"""HTTP, in the clear and over TLS, and the opening handshake of WebSocket (RFC 6455, 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.version import __version__
from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect
from homeport.wire.exchange import Conversation, Ended, Heard, Turn
from homeport.wire.http1 import Response, looks_like_http, read_response

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1500
_UPGRADE = (
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: aG9tZXBvcnQgY2hlY2tzIQ==",  # any 16 bytes
)


def request(service: Service) -> bytes:
    """What a client would ask for."""
    lines = [f"GET {service.path} HTTP/1.1", f"Host: {_host(service)}"]
    lines += [f"User-Agent: homeport/{__version__}", "Accept: */*"]
    lines += [_authorization(service)] if service.user is not None else []
    if service.scheme in {"ws", "wss"}:
        lines += ["Connection: Upgrade", *_UPGRADE]
    else:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _host(service: Service) -> str:
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
    first = Turn(request(service), _whole, WAIT_MS, alpn=alpn, verify=verify)
    heard = yield first
    talk = _talk(heard)
    if service.over_tls and heard.ended is Ended.UNSECURED:
        return (yield from _without(service, talk, certificate=heard.verify_code is not None))
    if not service.over_tls and talk.response is None and heard.ended is not Ended.SILENT:
        secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
        return talk._replace(secured=secured)
    return talk


def _without(service: Service, talk: Talk, *, certificate: bool) -> Conversation[Talk]:
    """After a handshake that failed: the certificate, or what the port says in the clear."""
    if certificate:
        secured = yield Turn(wait_ms=0, alpn=("http/1.1",))
        return talk._replace(secured=secured)
    heard = yield Turn(request(service), _whole, WAIT_MS)
    return talk._replace(plain=read_response(heard.data, ended=True), facts=_words(heard))


def _words(heard: Heard) -> tuple[tuple[str, str], ...]:
    """What came in the clear where TLS was wanted, when it is no HTTP."""
    if not heard.data or looks_like_http(heard.data):
        return ()
    return (("said in the clear", heard.data[:80].decode("latin-1")),)


def _whole(data: bytes) -> object:
    """Whether enough has come: the whole response, or something that will never be one."""
    response = read_response(data)
    if response is None:
        return len(data) >= 5 and not looks_like_http(data)
    return response.complete or response.broken or response.status == 101


def _talk(heard: Heard) -> Talk:
    ended = heard.ended in (Ended.CLOSED, Ended.ENOUGH)
    response = read_response(heard.data, ended=ended) if heard.data else None
    return Talk(heard, _is_fine(response), response)


def _is_fine(response: Response | None) -> bool:
    """Whether the answer is one that a client is content with; a redirect is looked at by rules."""
    return (
        response is not None
        and response.status < 400
        and (response.complete or response.status == 101)
    )


DIALECT = Dialect(converse)
