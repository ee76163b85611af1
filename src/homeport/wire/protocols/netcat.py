"""netcat and socat that listen: never connected to, but where socat passes each client on.

Without -k (ncat: --keep-open; socat: fork) the first connection uses the listener up. With it, what
is said to it still ends up in a file, on a screen or in a command: that of -e, or socat's EXEC.
(nc(1), ncat(1), socat(1).) The programs have no other listener, so no port is compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import has_option, program_name, short_options
from homeport.wire.protocols import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_NETCATS = {"nc", "netcat", "ncat", "nc.openbsd", "nc.traditional"}
_ONCE = "it serves one connection, and a look would be it"
_KEPT = "what is said to it ends up in its output, or in a command"

_LISTENS = re.compile(r"(?:TCP[46]?|OPENSSL|SSL|SCTP[46]?)-L(?:ISTEN)?:", re.IGNORECASE)
_PASSES_ON = re.compile(
    r"(?:TCP|OPENSSL|SSL|UNIX|ABSTRACT|SOCKS|PROXY|VSOCK|SCTP)[\w-]{0,20}:", re.IGNORECASE
)


def _harm(argv: Sequence[str], port: int) -> str | None:
    program = program_name(argv)
    if program == "busybox" and len(argv) > 1:
        return _harm(argv[1:], port)
    if program in _NETCATS:
        return _netcat(argv)
    if program.startswith("socat"):
        return _socat([word for word in argv[1:] if not word.startswith("-") or word == "-"])
    return None


def _netcat(argv: Sequence[str]) -> str | None:
    short = short_options(argv)
    if "l" not in short and not has_option(argv, "--listen"):
        return None
    kept = has_option(argv, "--keep-open", "--broker", "--chat") or "k" in short or "ll" in short
    return _KEPT if kept else _ONCE


def _socat(addresses: Sequence[str]) -> str | None:
    """Of both addresses, the one that listens says whether it is used up, the other where to."""
    halves = [half for address in addresses for half in address.split("!!")]
    listening = next((each for each in halves if _LISTENS.match(each)), None)
    if listening is None:
        return None
    if "fork" not in [option.partition("=")[0] for option in listening.lower().split(",")]:
        return _ONCE
    others = [each for each in halves if each is not listening]
    return None if others and all(map(_PASSES_ON.match, others)) else _KEPT


PROTOCOL = Protocol(name="netcat", source="nc(1), ncat(1), socat(1)", harm=_harm)
