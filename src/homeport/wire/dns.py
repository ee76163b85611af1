"""DNS messages, as far as `version.bind` needs them (RFC 1035, 4; RFC 4892 for the name)."""

from __future__ import annotations

import re

from homeport.model.record import NamedTuple

_ID = b"Hp"
_QUESTION = b"\x07version\x04bind\x00\x00\x10\x00\x03"  # a TXT record of class CHAOS
QUERY = _ID + b"\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" + _QUESTION

_HEADER = 12
_TXT_CHAOS = b"\x00\x10\x00\x03"
_CODES = {0: "no error", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_PRODUCTS = {
    r"^dnsmasq-(?:pi-hole-)?v?(?P<version>[\w.]+)": "dnsmasq",
    r"^unbound (?P<version>[\w.]+)": "Unbound",
    r"^CoreDNS-(?P<version>[\w.]+)": "CoreDNS",
    r"^PowerDNS \w+ (?:Server )?v?(?P<version>\d[\w.]*)": "PowerDNS",
    r"^Knot DNS (?P<version>[\w.]+)": "Knot DNS",
    r"^NSD (?P<version>[\w.]+)": "NSD",
    r"^(?P<version>9\.\d+\.\d+)": "BIND",
}


class DnsAnswer(NamedTuple):
    """The answer to `QUERY`: its code in words, and the version that it names."""

    code: str
    text: str | None = None
    product: str | None = None
    version: str | None = None


def read_answer(message: bytes) -> DnsAnswer | None:
    """An answer to our query: its id, marked as a response, with our question or none."""
    if len(message) < _HEADER or message[:2] != _ID or not message[2] & 0x80 or message[2] & 0x78:
        return None
    code = _CODES.get(message[3] & 0x0F)
    questions, answers = message[4:6], message[6:8]
    if code is None or questions not in (b"\x00\x00", b"\x00\x01"):
        return None
    if questions == b"\x00\x00":
        return DnsAnswer(code)
    end = _HEADER + len(_QUESTION)
    if message[_HEADER:end].lower() != _QUESTION:
        return None
    text = _text(message[end:]) if answers != b"\x00\x00" else None
    return DnsAnswer(code, text, *_product(text or ""))


def _text(record: bytes) -> str | None:
    """The first string of a TXT record: name, type, class, time to live, length, string."""
    name = _name_length(record)
    fixed = record[name : name + 10]
    if name == 0 or len(fixed) < 10 or fixed[:4] != _TXT_CHAOS:
        return None
    data = record[name + 10 :][: int.from_bytes(fixed[8:], "big")]
    text = data[1 : 1 + data[0]].decode("latin-1") if data else ""
    return text if text.isprintable() and text else None


def _name_length(record: bytes) -> int:
    """How long the name is that a record begins with: a pointer, or our own; 0 for another."""
    if record[:1] and record[0] >= 0xC0:
        return 2
    own = _QUESTION[:-4]
    return len(own) if record[: len(own)].lower() == own else 0


def _product(text: str) -> tuple[str | None, str | None]:
    for pattern, product in _PRODUCTS.items():
        if found := re.search(pattern, text):
            return product, found.groupdict().get("version")
    return None, None


PROGRAMS = {
    "dnsmasq": "dnsmasq",
    "unbound": "Unbound",
    "named": "BIND",
    "coredns": "CoreDNS",
    "pdns_server": "PowerDNS",
    "pdns_recursor": "PowerDNS",
    "systemd-resolved": "systemd-resolved",
    "systemd-resolve": "systemd-resolved",
    "pihole-ftl": "Pi-hole",
    "knotd": "Knot DNS",
    "kresd": "Knot Resolver",
}
