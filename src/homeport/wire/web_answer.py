"""What an HTTP answer means to a browser: a stream, a login, a place to go to (RFC 9110)."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.wire.http1 import Response
    from homeport.wire.service_url import Service

_STREAMS = ("text/event-stream", "multipart/x-mixed-replace", "application/x-ndjson")
_LOGIN = re.compile(
    r"(?i)(?:^|[/_.-])(?:log[-_]?in|sign[-_]?in|auth|sso|oauth2?|accounts|session)(?:[/_.?-]|$)"
)
_USUAL = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_WEB = {"ws": "http", "wss": "https"}


class Sent(NamedTuple):
    """Where a redirect leads. `elsewhere`: to another scheme, host or port than was asked."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    elsewhere: bool
    same_port: bool


def is_stream(response: Response) -> bool:
    """Whether the body is one that is not meant to end: events, pictures of a camera."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in _STREAMS and response.status < 400


def is_login(path: str) -> bool:
    """Whether a path is that of a page to log in at."""
    return _LOGIN.search(path.partition("?")[0]) is not None


def location(response: Response, service: Service, path: str) -> Sent | None:
    """Where the answer to a path sends the client; None where nowhere, or nowhere that is a URL."""
    to = response.headers.get("location")
    if to is None or response.status // 100 != 3 or response.status == 304:
        return None
    scheme = _WEB.get(service.scheme or "http", service.scheme or "http")
    try:
        url = urljoin(f"{scheme}://{service.place}{path}", to.strip())
        parts = urlsplit(url)
        port = parts.port or _USUAL.get(parts.scheme)
        host = parts.hostname
    except ValueError:
        return None
    if host is None or port is None or any(each in url for each in "\r\n "):
        return None
    same = (parts.scheme, host, port) == (scheme, service.host.lower(), service.port)
    query = f"?{parts.query}" if parts.query else ""
    return Sent(
        url=url,
        scheme=parts.scheme,
        host=host,
        port=port,
        path=(parts.path or "/") + query,
        elsewhere=not same,
        same_port=host == service.host.lower() and port == service.port,
    )
