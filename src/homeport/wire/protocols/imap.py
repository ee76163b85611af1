"""IMAP4: a greeting that is an untagged OK, PREAUTH or BYE (RFC 9051, 7.1), answered with LOGOUT.

Before it has logged in, a client has no mailbox selected: LOGOUT ends nothing but the connection.
"""

from __future__ import annotations

from homeport.wire.greetings import first_line, product_in, quoted
from homeport.wire.protocols import Finding, Protocol

_PRODUCTS = {
    r"\bDovecot\b": "Dovecot",
    r"\bCourier-IMAP\b": "Courier",
    r"\bCyrus IMAP(?: v?(?P<version>\d[\w.]*))?": "Cyrus IMAP",
    r"\bGreenMail\b(?:.{0,20}? v(?P<version>\d[\w.]*))?": "GreenMail",
    r"\bMicrosoft Exchange\b": "Microsoft Exchange",
}


def _greeting(data: bytes) -> Finding | None:
    line = first_line(data)
    if line is None or not line.upper().startswith(("* OK ", "* PREAUTH ", "* BYE ")):
        return None
    product, version = product_in(line, _PRODUCTS)
    return Finding("imap", quoted(line), product, version)


PROTOCOL = Protocol(
    name="imap",
    source="RFC 9051",
    ports=frozenset({143, 993}),
    programs={"dovecot/imap-login": "Dovecot"},
    greeting=_greeting,
    nonsense=_greeting,  # some are slow to greet
    goodbye=b"a LOGOUT\r\n",
)
