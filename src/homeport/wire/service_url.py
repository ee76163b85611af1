"""What a client is told to reach: a URL, `host:port`, or a port -> the parts of it that matter."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple
from homeport.model.target import SCHEME_PORTS, parse_target
from homeport.wire.secrets import masked

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
    host = target.address or target.host or "localhost"
    if target.interface:
        host = f"{host}%{target.interface}"
    if target.scheme is None:
        return Service(masked(text), None, host, target.port)
    return _of_url(text, target.scheme, host, target.port)


def _of_url(text: str, scheme: str, host: str, port: int) -> Service:
    bare = scheme.partition("+")[0]
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise BadInput(f"{masked(text)!r} is no URL", why=str(error)) from None
    query = f"?{parts.query}" if parts.query else ""
    return Service(
        asked=masked(text),
        scheme=_ALIASES.get(bare, bare),
        host=host,
        port=port,
        path=(parts.path or "/") + query,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        options=tuple(parse_qsl(parts.query)),
    )


KNOWN_SCHEMES = frozenset(SCHEME_PORTS) | _OVER_TLS
