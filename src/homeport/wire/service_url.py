"""What a client is told to reach: a URL, `host:port`, or a port -> the parts of it that matter."""

from __future__ import annotations

import re
from string import punctuation
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote

from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple
from homeport.model.target import SCHEME_PORTS, USERINFO, parse_target
from homeport.wire.secrets import masked

if TYPE_CHECKING:
    from homeport.model.target import Target

_URL = re.compile(
    rf"[a-z][a-z0-9+.-]*://({USERINFO})?[^/?#]*([^?#]*)(\?[^#]*)?", re.IGNORECASE | re.DOTALL
)
_OVER_TLS = {"https", "wss", "rediss", "amqps", "mqtts", "ldaps"}
_ALIASES = {"postgres": "postgresql", "mariadb": "mysql", "valkey": "redis", "valkeys": "rediss"}


class Service(NamedTuple):
    """What is to be reached.

    `scheme` is lower case, `postgresql` for `postgres` and the like, a driver (`mysql+pymysql`)
    left out; None where only a host and a port were given. `path` begins with a slash and
    has the query. `user` and `password` are decoded; `options` are the query's.
    """

    asked: str
    scheme: str | None
    host: str
    port: int
    path: str = "/"
    user: str | None = None
    password: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def over_tls(self) -> bool:
        """Whether the client begins with a TLS handshake."""
        return self.scheme in _OVER_TLS

    @property
    def is_http(self) -> bool:
        """Whether the client speaks HTTP, an upgrade to WebSocket included."""
        return self.scheme in {"http", "https", "ws", "wss"}

    @property
    def database(self) -> str | None:
        """The first part of the path, as database URLs have it."""
        return unquote(self.path.partition("?")[0].strip("/").partition("/")[0]) or None

    @property
    def place(self) -> str:
        """Host and port, as a client prints them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def option(self, name: str) -> str | None:
        """An option of the query."""
        return dict(self.options).get(name)


def parse_service(text: str) -> Service:
    """Reads what somebody typed; raises `BadInput`.

    A bare port is one of `localhost`. A scheme without a known port needs one in the URL.
    """
    text = text.strip()
    target = parse_target(text)
    if target.port is None:
        raise BadInput(f"{masked(text)!r} names no port", next_step="write localhost:8000 or a URL")
    if target.port == 0:
        raise BadInput("nobody can be reached on port 0", why="it means any port, to bind(2)")
    if target.transport is Transport.UDP:
        raise BadInput(
            f"{masked(text)!r} is of UDP, and only what speaks TCP can be checked",
            next_step=f"homeport explain udp/{target.port} tells what is known of it",
        )
    host = target.address or target.host or "localhost"
    if target.interface:
        host = f"{host}%{_zone(target)}"
    if target.scheme is None:
        return Service(masked(text), None, host, target.port)
    return _of_url(text, target.scheme, host, target.port)


def _zone(target: Target) -> str:
    """The zone of an IPv6 address; in a URL its `%` is written `%25` (RFC 6874)."""
    zone = target.interface or ""
    return zone.removeprefix("25") or zone if target.scheme else zone


def _of_url(text: str, scheme: str, host: str, port: int) -> Service:
    """The other parts. Not by urllib, which ends a password at the first slash or question mark."""
    bare = scheme.partition("+")[0]
    # A transport may stand before it: `tcp http://localhost`.
    parts = _URL.match(text, max(text.lower().find(f"{scheme}://"), 0))
    if parts is None:
        raise BadInput(f"{masked(text)!r} is no URL")
    user, colon, password = (parts[1] or "").removesuffix("@").partition(":")
    query = parts[3] or ""
    return Service(
        asked=masked(text),
        scheme=_ALIASES.get(bare, bare),
        host=host,
        port=port,
        path=_encoded((parts[2] or "/") + query),
        user=None if parts[1] is None else unquote(user),
        password=unquote(password) if colon else None,
        options=tuple(parse_qsl(query[1:])),
    )


def _encoded(path: str) -> str:
    """The path as a client sends it: what may not stand in a request is percent-encoded."""
    return quote(path, safe=punctuation)


KNOWN_SCHEMES = frozenset(SCHEME_PORTS) | _OVER_TLS
