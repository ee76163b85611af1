"""What somebody points at, in the many ways in which people write an endpoint."""

from __future__ import annotations

import re

from homeport.model.address import parse_address
from homeport.model.endpoint import Transport, bracketed
from homeport.model.errors import BadInput
from homeport.model.port import parse_port, shortened
from homeport.model.record import NamedTuple


class Target(NamedTuple):
    """What somebody pointed at: any part may be missing.

    `host` is a name (`localhost`, `api.shop.localhost`) when no address was given; `wildcard` says
    that `*` was. `scheme` is that of a URL, and `port` then its port or the scheme's own.
    """

    address: str | None = None
    port: int | None = None
    host: str | None = None
    interface: str | None = None
    transport: Transport | None = None
    scheme: str | None = None
    wildcard: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that are meant without asking a resolver; empty for any other name.

        `localhost` and the names below it are both loopback addresses (RFC 6761, 6.3).
        """
        if self.address is not None:
            return (self.address,)
        if self.wildcard:
            return ("0.0.0.0", "::")
        return ("127.0.0.1", "::1") if self.host and is_localhost(self.host) else ()

    def __str__(self) -> str:
        """The target in its shortest usual form."""
        host = self.host or ("*" if self.wildcard else "")
        if self.address is not None:
            host = bracketed(self.address, self.interface)
        return host if self.port is None else f"{host}:{self.port}"


SCHEME_PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "ftp": 21,
    "http": 80,
    "https": 443,
    "ldap": 389,
    "memcached": 11211,
    "mongodb": 27017,
    "mqtt": 1883,
    "mqtts": 8883,
    "mysql": 3306,
    "nats": 4222,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "ssh": 22,
    "ws": 80,
    "wss": 443,
}
"""The port that a URL means when it names none."""

_BARE = r"[^\s/?#:@]{1,256}(?::\d{1,5})?(?:[\s/?#'\"]|$)"
_SURELY_HERE = r"(?:(?:\d{1,3}\.){3}\d|\[|localhost\b|[\w-]{1,63}\.localhost\b)"
_SLASH_MAY_BELONG = r"(?:(?<!http://)(?<!https://)(?<!ws://)(?<!wss://)|(?![^\s/?#]{0,512}@))"
USERINFO = (
    rf"(?:(?!{_BARE})(?:"
    rf"[^\s/?#]{{0,512}}@(?={_SURELY_HERE})|"
    rf"{_SLASH_MAY_BELONG}[^\s/?#:@]{{0,128}}:[^\s\"'<>]{{0,256}}(?<!/)@(?=[\w\[*])|"
    r"[^\s/?#]{0,512}@))"
)
"""What stands before the host of a URL, with its `@`: a pattern, to follow `://`.

By RFC 3986, 3.2.1 neither `/` nor `@` may be in a password; people write them all the same. So it
ends at the last `@` before the host. A `/` belongs to it where what stands before can be no host,
or in the URL of a database, which has no `@` in its path: that of a web page may.
"""

_URL = re.compile(rf"([a-z][a-z0-9+.-]*)://{USERINFO}?([^/?#]*)", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\]]*)\](?::(.*))?")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
_DOTTED = re.compile(r"[0-9.]+")


def is_localhost(host: str) -> bool:
    """Whether a name is `localhost` or lies under it (RFC 6761, 6.3)."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def parse_target(text: str) -> Target:
    """Reads an endpoint as people write it; raises `BadInput` that says what is wrong.

    `127.0.0.1:80`, `[::1]:80`, `::1`, `fe80::1%eth0`, `*:80`, `:80`, `80`, `localhost:80`,
    `http://localhost:80/path`, `postgresql://user@localhost/db`, `tcp 127.0.0.1:80`, `udp/53`.
    """
    text = text.strip()
    if not text:
        raise BadInput("an empty text is no endpoint", next_step="give an address, a port or a URL")
    transport, rest = _split_transport(text)
    if url := _URL.match(rest):
        return _parse_url(url, transport)
    return _parse_authority(rest)._replace(transport=transport)


def _split_transport(text: str) -> tuple[Transport | None, str]:
    for transport in (Transport.TCP, Transport.UDP, Transport.MPTCP):
        for separator in (" ", "/", "://"):
            prefix = transport + separator
            if text.lower().startswith(prefix) and not text[len(prefix) :].startswith("/"):
                return transport, text[len(prefix) :].strip()
    return None, text


def _parse_url(url: re.Match[str], transport: Transport | None) -> Target:
    scheme = url[1].lower()
    target = _parse_authority(url[2])
    if target.port is None:
        target = target._replace(port=SCHEME_PORTS.get(scheme.partition("+")[0]))
    return target._replace(scheme=scheme, transport=transport or Transport.TCP)


def _parse_authority(text: str) -> Target:
    if bracket := _BRACKETS.fullmatch(text):
        if not bracket[1]:
            raise BadInput(f"{shortened(text)!r} holds no address", next_step="write [::1]:8000")
        return _addressed(bracket[1], bracket[2])
    if text.isascii() and text.isdigit():
        return Target(port=parse_port(text))
    if text.count(":") > 1:
        return split_loose_ipv6(text) or _addressed(text, None)
    host, colon, port = text.partition(":")
    return _hosted(host, port if colon else None)


def _hosted(host: str, port: str | None) -> Target:
    number = None if port is None else parse_port(port, typed=f"{host}:{port}")
    if host == "*":
        return Target(wildcard=True, port=number)
    if not host and number is not None:
        return Target(port=number)
    if _DOTTED.fullmatch(host):
        return Target(address=parse_address(host), port=number)
    if not _NAME.fullmatch(host):
        raise BadInput(
            f"{shortened(host)!r} is neither an address nor a name",
            next_step="write 127.0.0.1:8000, [::1]:8000, localhost:8000, a URL or a port",
        )
    return Target(host=host.rstrip(".").lower(), port=number)


def _addressed(text: str, port: str | None) -> Target:
    address, _, zone = text.partition("%")
    return Target(
        address=parse_address(address),
        interface=zone or None,
        port=parse_port(port, typed=f"[{text}]:{port}") if port else None,
    )


def split_loose_ipv6(text: str, *, trusted: bool = False) -> Target | None:
    """An IPv6 address with a port behind it and no brackets: `::1:5432`, `:::3000`.

    Where the whole could be an address too, the last group is a port if the rest is loopback or
    the wildcard (nobody means the deprecated ::1:5432 of RFC 4291, 2.5.5.1), or if the text is
    `trusted` to write ports in this way, as node's errors and netstat do. None: no such thing.
    """
    address, _, port = text.rpartition(":")
    if not (address in ("::", "::1") or trusted or not _is_address(text)):
        return None
    try:
        return _addressed(address, port) if port else None
    except BadInput:
        return None


def _is_address(text: str) -> bool:
    address, _, zone = text.partition("%")
    try:
        return bool(parse_address(address)) and ":" not in zone
    except BadInput:
        return False
