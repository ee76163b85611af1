"""POP3: a greeting `+OK` with some text (RFC 1939, 4), answered with QUIT.

In the authorization state QUIT removes no message (RFC 1939, 4). A bare `+OK` is no proof: Redis
says it, too.
"""

from __future__ import annotations

from homeport.wire.greetings import first_line, product_in, quoted
from homeport.wire.protocols import Finding, Protocol

_PRODUCTS = {
    r"\bDovecot\b": "Dovecot",
    r"\bCyrus POP3(?: v?(?P<version>\d[\w.]*))?": "Cyrus IMAP",
    r"\bGreenMail\b(?:.{0,20}? v(?P<version>\d[\w.]*))?": "GreenMail",
    r"\bMicrosoft Exchange\b": "Microsoft Exchange",
}


def _greeting(data: bytes) -> Finding | None:
    line = first_line(data)
    if line is None or not line.startswith("+OK ") or not line[4:].strip():
        return None
    product, version = product_in(line, _PRODUCTS)
    return Finding("pop3", quoted(line), product, version)


PROTOCOL = Protocol(
    name="pop3",
    source="RFC 1939",
    ports=frozenset({110, 995}),
    greeting=_greeting,
    nonsense=_greeting,  # some are slow to greet
    goodbye=b"QUIT\r\n",
)
