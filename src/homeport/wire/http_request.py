"""The head of an HTTP/1.x request (RFC 9112), read strictly: one reading, or a refusal.

What two readers could understand differently is refused, not repaired: that is where one request
is smuggled within another. Accepted heads are a subset of what h11 accepts, and mean the same.
"""

from __future__ import annotations

import re

from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple

MOST_BYTES = 1 << 16
MOST_FIELDS = 200
_LONGEST_METHOD = 32

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
# Possessive quantifiers: a head that does not match is left after one pass over it.
_FIELD = rb"%b++:[ \t]*+[^\x00-\x08\x0a-\x1f\x7f]*+\r\n" % _TOKEN
_HEAD = re.compile(
    rb"(%b{1,32}+) ([\x21-\x7e]++) HTTP/1\.([01])\r\n((?:%b)*+)\r\n" % (_TOKEN, _FIELD)
)
_OF_INTEREST = re.compile(
    rb"(?mi)^(host|content-length|transfer-encoding|connection|upgrade|expect)"
    rb":[ \t]*+((?:[^\r\t ]|[\t ]++(?!\r))*+)"
)
_HOST = re.compile(
    rb"(?:([0-9A-Za-z_](?:[0-9A-Za-z_.-]{0,252}[0-9A-Za-z_])?)\.?|(\[[0-9A-Fa-f:.]{2,45}\]))"
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
    `length_bytes` counts the head with the empty line. `body_bytes` is what Content-Length says, 0
    without a body, None for a chunked one. `upgrade`: it asks for another protocol. `fields` are
    all of them as they came, each ended by CR LF.
    """

    method: str
    target: str
    minor: int
    host: str
    length_bytes: int
    body_bytes: int | None
    upgrade: bool
    fields: bytes

    def field(self, name: str) -> str | None:
        """The first value of a field; None where there is none."""
        pattern = rb"(?mi)^%b:[ \t]*+([^\r]*)" % re.escape(name.encode("ascii"))
        found = re.search(pattern, self.fields)
        return found[1].decode("latin-1").rstrip(" \t") if found else None


def read_head(data: bytes | bytearray) -> Head | None:
    """The head that the bytes begin with; None while it is not whole. Raises `Refused`."""
    match = _HEAD.match(data)
    if match is None:
        _check_beginning(data)
        return None
    if match.end() > MOST_BYTES:
        raise _too_large()
    fields = match[4]
    if fields.count(b"\n") > MOST_FIELDS:
        raise Refused(431, f"The request has more than {MOST_FIELDS} fields.")
    return _understood(match, fields)


def _understood(match: re.Match[bytes], fields: bytes) -> Head:
    minor = match[3] == b"1"
    hosts: list[bytes] = []
    lengths: list[bytes] = []
    codings: list[bytes] = []
    options = b""
    upgrade = False
    for name, value in _OF_INTEREST.findall(fields):
        match name.lower():
            case b"host":
                hosts.append(value)
            case b"content-length":
                lengths.append(value)
            case b"transfer-encoding":
                codings.append(value)
            case b"connection":
                options += b"," + value.lower()
            case b"upgrade":
                upgrade = True
            case _:
                _check_expectation(value)
    body_bytes = _body(lengths, codings, minor=minor) if lengths or codings else 0
    method, target = match[1], match[2]
    host = _host(hosts)
    if target[:1] != b"/":
        _check_target(method, target, hosts[0])
    return Head(
        method.decode("ascii"),
        target.decode("ascii"),
        int(minor),
        host,
        match.end(),
        body_bytes,
        upgrade and b"upgrade" in options,
        fields,
    )


def _host(hosts: list[bytes]) -> str:
    if len(hosts) != 1:
        number = "no Host" if not hosts else "more than one Host"
        raise Refused(400, f"The request has {number}.")
    found = _HOST.fullmatch(hosts[0])
    if found is None:
        raise Refused(400, "The Host of the request is no host.")
    return (found[1] or found[2]).decode("ascii").lower()


def _body(lengths: list[bytes], codings: list[bytes], *, minor: bool) -> int | None:
    if lengths and codings:
        raise Refused(400, "The request has both Content-Length and Transfer-Encoding.")
    if codings:
        if not minor:
            raise Refused(400, "A request of HTTP/1.0 has a Transfer-Encoding.")
        if len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Refused(501, "The request has another Transfer-Encoding than chunked.")
        return None
    if len(lengths) > 1:
        raise Refused(400, "The request has more than one Content-Length.")
    if not lengths[0].isdigit() or len(lengths[0]) > 18:
        raise Refused(400, "The Content-Length of the request is no number.")
    return int(lengths[0])


def _check_expectation(value: bytes) -> None:
    if value.lower() != b"100-continue":
        raise Refused(417, "The request expects something other than 100-continue.")


def _check_target(method: bytes, target: bytes, host: bytes) -> None:
    """Other targets than a path: `*` of OPTIONS, or a whole address with the same host."""
    if method == b"CONNECT":
        raise Refused(501, "This is no proxy: CONNECT is not taken.")
    if method == b"OPTIONS" and target == b"*":
        return
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise Refused(400, "The target of the request is neither a path nor an address.")
    if absolute[1].lower() != host.lower():
        raise Refused(400, "The address in the request line has another host than Host.")


def _check_beginning(data: bytes | bytearray) -> None:
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
    # Each end of line must follow a CR, or nothing that comes later will make it one.
    if whole and (not line.endswith(b"\r") or rest.count(b"\n") != rest.count(b"\r\n")):
        raise Refused(400, "A line of the request ends without a carriage return.")


def _could_be_request_line(line: bytes | bytearray, *, whole: bool) -> bool:
    method, space, _ = line.partition(b" ")
    if not re.fullmatch(rb"%b{0,%d}" % (_TOKEN, _LONGEST_METHOD), method):
        return False
    return bool(space) or not whole


def _what_is_wrong(data: bytes | bytearray) -> Refused:
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
