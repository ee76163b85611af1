"""SSH: the identification string that both sides send first (RFC 4253, 4.2).

The connection is closed behind it: before the key exchange there is nothing to say good-bye in.
sshd logs one line, "Connection closed by".
"""

from __future__ import annotations

from homeport.wire.greetings import first_line, product_in, quoted
from homeport.wire.protocols import Finding, Protocol

_PRODUCTS = {
    r"^OpenSSH_for_Windows_(?P<version>[\w.]+)": "OpenSSH",
    r"^OpenSSH_(?P<version>[\w.]+)": "OpenSSH",
    r"^dropbear(?:_(?P<version>[\w.]+))?": "Dropbear",
    r"^libssh[_-](?P<version>[\w.]+)": "libssh",
    r"^paramiko_(?P<version>[\w.]+)": "Paramiko",
    r"^AsyncSSH_(?P<version>[\w.]+)": "AsyncSSH",
    r"^ssh2js(?P<version>[\w.]+)": "ssh2",
    r"^Twisted": "Twisted Conch",
    r"^APACHE-SSHD-(?P<version>[\w.]+)": "Apache MINA SSHD",
    r"^mod_sftp": "ProFTPD mod_sftp",
    r"^SFTPGo(?:_(?P<version>[\w.]+))?": "SFTPGo",
    r"^Teleport": "Teleport",
    r"^Gitea|^Forgejo": "Gitea",
    r"^Go\b": "Go x/crypto/ssh",
}
_MOST_LINES = 20


def _greeting(data: bytes) -> Finding | None:
    """The identification; the server may send other lines before it."""
    for _ in range(_MOST_LINES):
        line = first_line(data)
        if line is None:
            return None
        if line.startswith(("SSH-2.0-", "SSH-1.99-", "SSH-1.5-")):
            return _finding(line)
        data = data.partition(b"\n")[2]
    return None


def _finding(line: str) -> Finding:
    product, version = product_in(line.split("-", 2)[2], _PRODUCTS)
    return Finding("ssh", quoted(line), product, version)


PROTOCOL = Protocol(
    name="ssh",
    source="RFC 4253",
    ports=frozenset({22, 2222}),
    programs={"sshd": "OpenSSH", "dropbear": "Dropbear"},
    greeting=_greeting,
    nonsense=_greeting,  # some are slow to greet
)
