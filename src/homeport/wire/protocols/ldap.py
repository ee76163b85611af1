"""LDAP: a search for the rootDSE, which is open to anybody (RFC 4512, 5.1), then an unbind.

Asked for are only the attributes in which servers name themselves (RFC 3045, and the object class
of OpenLDAP).
"""

from __future__ import annotations

import re

from homeport.wire.ber import INTEGER, OCTET_STRING, SEQUENCE, element, read_element
from homeport.wire.protocols import Finding, Probe, Protocol

_SEARCH, _ENTRY, _DONE, _UNBIND, _EXTENDED = 0x63, 0x64, 0x65, 0x42, 0x78
_ENUMERATED, _BOOLEAN, _PRESENT = 0x0A, 0x01, 0x87
_ATTRIBUTES = (b"objectClass", b"vendorName", b"vendorVersion")
_ASKED = element(
    SEQUENCE,
    element(INTEGER, b"\x01"),
    element(
        _SEARCH,
        element(OCTET_STRING),
        element(_ENUMERATED, b"\x00"),  # the base object only
        element(_ENUMERATED, b"\x00"),  # aliases are not followed
        element(INTEGER, b"\x01"),
        element(INTEGER, b"\x02"),
        element(_BOOLEAN, b"\x00"),
        element(_PRESENT, b"objectClass"),
        element(SEQUENCE, *(element(OCTET_STRING, name) for name in _ATTRIBUTES)),
    ),
)
_GOODBYE = element(SEQUENCE, element(INTEGER, b"\x02"), element(_UNBIND))

_PRODUCTS = {
    rb"OpenLDAProotDSE": "OpenLDAP",
    rb"389-Directory/(?P<version>[\w.]+)": "389 Directory Server",
    rb"\bApacheDS|Apache Software Foundation": "ApacheDS",
    rb"OpenDJ|ForgeRock": "OpenDJ",
    rb"GLAuth|glauth": "GLAuth",
    rb"\blldap\b|LLDAP": "LLDAP",
}
_TOLD = {_ENTRY: "its rootDSE", _DONE: "the end of a search", _EXTENDED: "a notice"}


def _answer(data: bytes) -> Finding | None:
    """An LDAPMessage: a sequence of the number of our request, or 0, and the answer."""
    message = read_element(data)
    if message is None or message.tag != SEQUENCE:
        return None
    number = read_element(message.value)
    if number is None or number.tag != INTEGER or number.value not in (b"\x00", b"\x01"):
        return None
    answer = read_element(number.rest)
    told = None if answer is None else _TOLD.get(answer.tag)
    if answer is None or told is None:
        return None
    product, version = _product(answer.value)
    return Finding("ldap", told, product, version)


def _product(entry: bytes) -> tuple[str | None, str | None]:
    for pattern, product in _PRODUCTS.items():
        if found := re.search(pattern, entry[:4096]):
            version = found.groupdict().get("version")
            return product, None if version is None else version.decode("latin-1")
    return None, None


PROTOCOL = Protocol(
    name="ldap",
    source="RFC 4511",
    ports=frozenset({389, 636, 1389, 3890, 10389}),
    programs={"slapd": "OpenLDAP", "ns-slapd": "389 Directory Server", "lldap": "LLDAP"},
    probes=(Probe("a search for the rootDSE", _ASKED, _answer, _GOODBYE),),
)
