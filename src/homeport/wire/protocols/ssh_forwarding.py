"""The ports that SSH forwards: what is said there arrives at another machine, so nothing is.

Measured with OpenSSH 9.2: each connection to a display forwarded by `ssh -X` (port 6010) left a
line on the screen of the person at the other end. The server's ports are held by the process of the
session (`sshd: user@tty`, `sshd: user`), the client's by ssh itself; its options do not tell those
that its configuration or `ssh -O forward` has added (RFC 4254, 6.3 and 7; ssh(1)). Only a SOCKS
proxy, `-D`, may be asked: an offer of methods goes no further.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import port_of, program_name
from homeport.wire.protocols import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# sshd itself is always `sshd: /usr/sbin/sshd ...`: it insists on an absolute path.
_SESSION = re.compile(r"sshd(?:-session)?: [^/\s\[]")
_FORWARDED = "what is said to it arrives at the other end of an SSH session"
_DYNAMIC = re.compile(r"-[1246AaCfGgKkMNnqsTtVvXxYy]*D(.*)")


def _harm(argv: Sequence[str], port: int) -> str | None:
    if argv and _SESSION.match(argv[0]):
        return _FORWARDED
    if program_name(argv) == "ssh" and port not in map(port_of, _proxies(argv)):
        return _FORWARDED
    return None


def _proxies(argv: Sequence[str]) -> Iterator[str]:
    """The values of -D, in its own word or at the end of one with others."""
    for place, word in enumerate(argv):
        found = _DYNAMIC.fullmatch(word)
        if found is not None and (found[1] or place + 1 < len(argv)):
            yield found[1] or argv[place + 1]


PROTOCOL = Protocol(name="ssh-forwarding", source="RFC 4254", harm=_harm)
