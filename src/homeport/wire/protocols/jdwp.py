"""JDWP: the debugger port of a Java machine, told by its command line and never connected to.

There is one debugger at a time: while a connection lasts, the machine listens no more, and one
started with `suspend=y` waits for exactly the first (JPDA, "Connection and Invocation Details").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import port_of
from homeport.wire.protocols import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_AGENT = re.compile(r"(?:-agentlib:jdwp=|-Xrunjdwp:|-agentpath:[^=]{1,4096}jdwp[^=]{0,99}=)(.*)")


def _harm(argv: Sequence[str], port: int) -> str | None:
    agents = filter(None, (_AGENT.match(word) for word in argv[1:]))
    if any(_listens(dict(_pairs(found[1])), port) for found in agents):
        return "a connection to a Java debugger port is its debugger"
    return None


def _pairs(options: str) -> list[tuple[str, str]]:
    parts = (each.partition("=") for each in options.split(","))
    return [(name, value) for name, _, value in parts]


def _listens(options: dict[str, str], port: int) -> bool:
    """Whether the agent listens on a port. Without an address it may be any port of the process."""
    if options.get("server", "n") != "y" or options.get("transport") == "dt_shmem":
        return False
    return port_of(options.get("address", "0")) in (port, 0, None)


PROTOCOL = Protocol(
    name="jdwp",
    source="https://docs.oracle.com/en/java/javase/17/docs/specs/jpda/conninv.html",
    harm=_harm,
)
