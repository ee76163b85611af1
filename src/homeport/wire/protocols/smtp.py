"""SMTP: a greeting with code 220 and the name of the host (RFC 5321, 4.2), answered with QUIT.

FTP greets with 220, too (RFC 959, 5.4): a line that names FTP is not ours, and one that names
neither is SMTP only where it begins with a domain, as SMTP's grammar wants it.
"""

from __future__ import annotations

import re

from homeport.wire.greetings import first_line, product_in, quoted
from homeport.wire.protocols import Finding, Protocol

_PRODUCTS = {
    r"\bPostfix\b": "Postfix",
    r"\bExim (?P<version>[\w.]+)": "Exim",
    r"\bSendmail(?: (?P<version>[\w.]+))?": "Sendmail",
    r"\bOpenSMTPD\b": "OpenSMTPD",
    r"\bPython SMTP (?P<version>[\w.]+)": "aiosmtpd",
    r"\bMailHog\b": "MailHog",
    r"\bMailpit\b": "Mailpit",
    r"\bMailCatcher\b": "MailCatcher",
    r"\bsmtp4dev\b": "smtp4dev",
    r"\bGreenMail\b(?:.{0,20}? v(?P<version>[\w.]+))?": "GreenMail",
    r"\bMaildev\b": "MailDev",
    r"\bHaraka(?:/| )(?P<version>[\w.]+)": "Haraka",
    r"\bMicrosoft ESMTP MAIL Service\b": "Microsoft Exchange",
}
_FIRST_WORD = re.compile(r"220[ -](\S{1,255})")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[\w-]{1,63}|\[[0-9A-Fa-f.:]{2,45}\]|localhost")


def _greeting(data: bytes) -> Finding | None:
    line = first_line(data)
    first = None if line is None else _FIRST_WORD.match(line)
    if line is None or first is None or "FTP" in line or "LMTP" in line:
        return None
    if "SMTP" not in line and not _DOMAIN.fullmatch(first[1]):
        return None
    product, version = product_in(line, _PRODUCTS)
    return Finding("smtp", quoted(line), product, version)


PROTOCOL = Protocol(
    name="smtp",
    source="RFC 5321",
    ports=frozenset({25, 465, 587, 1025, 2525}),
    programs={
        "exim4": "Exim",
        "smtpd": "Postfix",
        "mailhog": "MailHog",
        "mailpit": "Mailpit",
        "maildev": "MailDev",
    },
    greeting=_greeting,
    nonsense=_greeting,  # some are slow to greet
    goodbye=b"QUIT\r\n",
)
