"""debugpy, the debugger of Python: its adapter is told by its command line and not connected to.

Measured with debugpy 1.8.22. To a client the adapter says three events, unasked, as soon as it has
accepted it. Whoever leaves before the third breaks the thread that accepts: after one such
connection no editor came in any more, and a program under `--wait-for-client` waited for ever. Its
other listener, to which the debugged processes connect, waits for each one's answer before it takes
the next, and stood still after one that left without. A pydevd without an adapter listens for one
debugger only.

Where the holder is hidden, the greeting is heard out: eight connections that left behind the third
event did no harm, and an editor came in after them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import has_option, port_of, values_of
from homeport.wire.protocols import Finding, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADER = re.compile(rb"Content-Length: (\d{1,6})\r\n\r\n")
_TELEMETRY = re.compile(
    rb"\"output\": ?\"debugpy\"(?:,[^{}]{0,99}\{\"packageVersion\": ?\"([\w.+-]{1,30})\")?"
)
_LAST = re.compile(rb"\"event\": ?\"debugpySockets\"")
_LONGEST = 8192
_ADAPTER = re.compile(r"(?:.*/)?debugpy/adapter(?:/__main__\.py)?/?|debugpy\.adapter")
_PYDEVD = re.compile(r"(?:.*/)?pydevd(?:\.py)?")


def _greeting(data: bytes) -> Finding | None:
    """All three events of the greeting; fewer are no reason to leave."""
    messages = list(_messages(data[:_LONGEST]))
    if not any(map(_LAST.search, messages)):
        return None
    versions = [found[1] for found in map(_TELEMETRY.search, messages) if found is not None]
    version = versions[0].decode("ascii") if versions and versions[0] else None
    return Finding("dap", "the events of debugpy", "debugpy", version)


def _messages(data: bytes) -> Iterator[bytes]:
    """The messages that are whole, each behind its length (DAP, "Base protocol")."""
    at = 0
    while (header := _HEADER.match(data, at)) is not None:
        end = header.end() + int(header[1])
        if end > len(data):
            return
        yield data[header.end() : end]
        at = end


def _harm(argv: Sequence[str], port: int) -> str | None:
    if any(map(_ADAPTER.fullmatch, argv)):
        return "whoever leaves it before it has said everything breaks it"
    if any(map(_PYDEVD.fullmatch, argv)) and has_option(argv, "--server"):
        named = port in {port_of(each) for each in values_of(argv, "--port")}
        return "it waits for one debugger" if named else None
    return None


PROTOCOL = Protocol(
    name="dap",
    source="https://microsoft.github.io/debug-adapter-protocol/specification",
    ports=frozenset({5678}),
    programs={"debugpy/adapter": "debugpy"},
    greeting=_greeting,
    harm=_harm,
)
