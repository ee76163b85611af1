"""The head of an HTTP/1.x request (RFC 9112), read strictly: one reading, or a refusal.

What two readers could understand differently is refused, not repaired: that is where one request
is smuggled within another. Accepted heads are a subset of what h11 accepts, and mean the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple

MOST_BYTES = 1 << 16
MOST_FIELDS = 200
_LONGEST_METHOD = 32
_SLASH = ord("/")

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
# Possessive quantifiers: a head that does not match is left after one pass over it.
_FIELD = rb"%b++:[ \t]*+[^\x00-\x08\x0a-\x1f\x7f]*+\r\n" % _TOKEN
_HEAD = re.compile(
    rb"(%b{1,32}+) ([\x21-\x7e]++) HTTP/1\.([01])\r\n(?:%b)*+\r\n" % (_TOKEN, _FIELD)
)
_HOST = re.compile(
    rb"(?:([0-9a-z_](?:[0-9a-z_.-]{0,252}[0-9a-z_])?)\.?|(\[[0-9a-f:.]{2,45}\]))"
    rb"(?::[0-9]{0,5})?"
)
_ABSOLUTE = re.compile(rb"(?i)https?://([^/?#]*)")
_PREFACE = b"PRI * HTTP/2.0\r\n"


class Refused(HomeportError):
    """A request that is not taken: `status` is the answer's, `what` says it in a sentence."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Head(NamedTuple):
    """The head of a request that has one reading.

    `host` is the Host field without port and last dot, in lower case (`[::1]` in its brackets).
    `body_bytes` is what Content-Length says, 0 without a body, None for a chunked one. `upgrade`:
    it asks for another protocol. `raw` is all of it with the empty line, `lowered` the same in
    lower case.
    """

    method: str
    target: str
    minor: int
    host: str
    body_bytes: int | None
    upgrade: bool
    raw: bytes
    lowered: bytes

    @property
    def is_all(self) -> bool:
        """Whether the request ends with its head, and another one may follow."""
        return self.body_bytes == 0 and not self.upgrade

    def field(self, name: str) -> str | None:
        """The first value of a field; None where there is none."""
        at = self.lowered.find(b"\n%b:" % name.lower().encode("ascii"))
        if at < 0:
            return None
        start = at + len(name) + 2
        return self.raw[start : self.raw.index(b"\r", start)].decode("latin-1").strip(" \t")


def read_head(data: bytes) -> Head | None:
    """The head that the bytes begin with; None while it is not whole. Raises `Refused`."""
    match = _HEAD.match(data)
    if match is None:
        _check_beginning(data)
        return None
    raw = match[0]
    if len(raw) > MOST_BYTES:
        raise _too_large()
    if len(raw) > MOST_FIELDS and raw.count(b"\n") > MOST_FIELDS + 2:
        raise Refused(431, f"The request has more than {MOST_FIELDS} fields.")
    method, target, version = match.groups()
    # The head is of one form by now: each field begins right after a line feed, and its name ends
    # with the colon. Searching is faster than another pass of an expression.
    lowered = raw.lower()
    written = _host(lowered)
    host = _without_port(written)
    if target[0] != _SLASH:
        _check_target(method, target, written)
    minor = version == b"1"
    body_bytes: int | None = 0
    if b"\ncontent-length:" in lowered or b"\ntransfer-encoding:" in lowered:
        body_bytes = _body(lowered, minor=minor)
    if b"\nexpect:" in lowered and _values(lowered, b"expect") != [b"100-continue"]:
        raise Refused(417, "The request expects something other than 100-continue.")
    upgrade = b"\nupgrade:" in lowered and _asks_for_upgrade(lowered)
    return Head(
        method.decode(), target.decode(), int(minor), host, body_bytes, upgrade, raw, lowered
    )


def _values(lowered: bytes, name: bytes) -> list[bytes]:
    """All values of a field, without the spaces around them."""
    parts = lowered.split(b"\n%b:" % name)[1:]
    return [part[: part.index(b"\r")].strip(b" \t") for part in parts]


def _asks_for_upgrade(lowered: bytes) -> bool:
    options = b",".join(_values(lowered, b"connection")).split(b",")
    return any(option.strip(b" \t") == b"upgrade" for option in options)


def _host(lowered: bytes) -> bytes:
    """The one Host field, as it was written but for its case."""
    at = lowered.find(b"\nhost:")
    if at < 0:
        raise Refused(400, "The request has no Host.")
    if lowered.find(b"\nhost:", at + 1) >= 0:
        raise Refused(400, "The request has more than one Host.")
    return lowered[at + 6 : lowered.index(b"\r", at)].strip(b" \t")


@lru_cache(maxsize=1024)
def _without_port(host: bytes) -> str:
    """A client names few hosts, and names them again and again."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise Refused(400, "The Host of the request is no host.")
    return (found[1] or found[2]).decode()


def _body(lowered: bytes, *, minor: bool) -> int | None:
    lengths = _values(lowered, b"content-length")
    codings = _values(lowered, b"transfer-encoding")
    if lengths and codings:
        raise Refused(400, "The request has both Content-Length and Transfer-Encoding.")
    if codings:
        if not minor:
            raise Refused(400, "A request of HTTP/1.0 has a Transfer-Encoding.")
        if codings != [b"chunked"]:
            raise Refused(501, "The request has another Transfer-Encoding than chunked.")
        return None
    if len(lengths) > 1:
        raise Refused(400, "The request has more than one Content-Length.")
    if not lengths[0].isdigit() or len(lengths[0]) > 18:
        raise Refused(400, "The Content-Length of the request is no number.")
    return int(lengths[0])


def _check_target(method: bytes, target: bytes, host: bytes) -> None:
    """Other targets than a path: `*` of OPTIONS, or a whole address with the same host."""
    if method == b"CONNECT":
        raise Refused(501, "This is no proxy: CONNECT is not taken.")
    if method == b"OPTIONS" and target == b"*":
        return
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise Refused(400, "The target of the request is neither a path nor an address.")
    if absolute[1].lower() != host:
        raise Refused(400, "The address in the request line has another host than Host.")


def _check_beginning(data: bytes) -> None:
    """Raises `Refused` for what will not become a head by anything that follows."""
    if _PREFACE.startswith(data[:16]) and len(data) >= 3:
        if len(data) >= 16:
            raise Refused(505, "HTTP/2 without TLS is not spoken here.")
        return
    end = data.find(b"\r\n\r\n")
    if end >= 0 or len(data) > MOST_BYTES:
        raise _what_is_wrong(data[: end + 4] if end >= 0 else data)
    line, whole, rest = data.partition(b"\n")
    if not _could_be_request_line(line, whole=bool(whole)):
        raise _what_is_wrong(data)
    if rest.count(b"\n") > MOST_FIELDS + 1:
        raise Refused(431, f"The request has more than {MOST_FIELDS} fields.")
    # Each end of line must follow a CR, or nothing that comes later will make it one.
    if whole and (not line.endswith(b"\r") or rest.count(b"\n") != rest.count(b"\r\n")):
        raise Refused(400, "A line of the request ends without a carriage return.")


def _could_be_request_line(line: bytes, *, whole: bool) -> bool:
    method, space, _ = line.partition(b" ")
    if not re.fullmatch(rb"%b{0,%d}" % (_TOKEN, _LONGEST_METHOD), method):
        return False
    return bool(space) or not whole


def _what_is_wrong(data: bytes) -> Refused:
    """Which rule a head breaks, for the answer; it is refused in any case."""
    if len(data) > MOST_BYTES:
        return _too_large()
    line, _, fields = data.partition(b"\n")
    version = line.rstrip(b"\r").rpartition(b" ")[2]
    if re.fullmatch(rb"HTTP/[02-9]\.[0-9]|HTTP/1\.[2-9]", version):
        return Refused(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        return Refused(400, "A line of the request ends otherwise than with CR and LF.")
    if not re.fullmatch(rb"%b{1,32} [\x21-\x7e]+ HTTP/1\.[01]\r" % _TOKEN, line):
        return Refused(400, "The request line is not of the form METHOD TARGET HTTP/1.1.")
    if re.search(rb"(?m)^[ \t]", fields):
        return Refused(400, "A field of the request goes on in a second line.")
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", fields):
        return Refused(400, "A field of the request has a control character in it.")
    return Refused(400, "A field of the request is not of the form NAME: VALUE.")


def _too_large() -> Refused:
    return Refused(431, f"The head of the request has more than {MOST_BYTES} bytes.")
