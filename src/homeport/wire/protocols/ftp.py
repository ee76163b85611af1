"""FTP: a greeting with code 220 (RFC 959, 5.4), answered with QUIT.

SMTP greets with 220, too. Only a greeting that names FTP, or a product that is an FTP server, is
FTP; a server configured to say neither stays unknown, for there is no harmless way to ask it.
"""

from __future__ import annotations

from homeport.wire.greetings import first_line, product_in, quoted
from homeport.wire.protocols import Finding, Protocol

_PRODUCTS = {
    r"\bvsFTPd (?P<version>[\w.]+)": "vsftpd",
    r"\bProFTPD(?: (?P<version>\d[\w.]*))?": "ProFTPD",
    r"\bPure-FTPd\b": "Pure-FTPd",
    r"\bpyftpdlib (?P<version>[\w.]+)": "pyftpdlib",
    r"\bFileZilla Server(?: version)?(?: (?P<version>\d[\w.]*))?": "FileZilla Server",
    r"\bMicrosoft FTP Service\b": "Microsoft IIS FTP",
    r"\bSFTPGo(?: (?P<version>\d[\w.]*))?": "SFTPGo",
}


def _greeting(data: bytes) -> Finding | None:
    line = first_line(data)
    if line is None or not line.startswith(("220 ", "220-")):
        return None
    product, version = product_in(line, _PRODUCTS)
    if product is None and "FTP" not in line:
        return None
    return Finding("ftp", quoted(line), product, version)


PROTOCOL = Protocol(
    name="ftp",
    source="RFC 959",
    ports=frozenset({21, 2121}),
    programs={
        "vsftpd": "vsftpd",
        "proftpd": "ProFTPD",
        "pure-ftpd": "Pure-FTPd",
        "python -m pyftpdlib": "pyftpdlib",
    },
    greeting=_greeting,
    nonsense=_greeting,  # some are slow to greet
    goodbye=b"QUIT\r\n",
)
