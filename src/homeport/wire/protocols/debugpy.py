"""debugpy, the debugger of Python: its adapter greets its clients in the Debug Adapter Protocol.

Measured with debugpy 1.8.22. The adapter's client port (`--listen`, `--port`) takes any number of
connections: three came and went before a client attached, to a program that waited for it with
`--wait-for-client`, and two more beside it; the program ran, and the client heard of the others by
one event each, `debugpySockets`. So it is asked. The adapter's other listener, to which the
debugged processes connect, waits for each one's answer before it takes the next: after one
connection that left without, none was accepted any more. That one is harmed, and so are the ports
of a pydevd without an adapter, which listen for one debugger only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import has_option, port_of, values_of
from homeport.wire.protocols import Finding, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_MESSAGE = re.compile(rb"Content-Length: \d{1,7}\r\n\r\n\{")
_EVENT = re.compile(
    rb"\"output\": ?\"(?:ptvsd|debugpy)\""
    rb"(?:,[^{}]{0,99}\{\"packageVersion\": ?\"([\w.+-]{1,30})\")?"
)
_ADAPTER = re.compile(r"(?:.*/)?debugpy/adapter(?:/__main__\.py)?/?")
_PYDEVD = re.compile(r"(?:.*/)?pydevd(?:\.py)?")


def _greeting(data: bytes) -> Finding | None:
    """The first event, of telemetry, which comes before anybody has asked."""
    event = _EVENT.search(data[:4096]) if _MESSAGE.match(data) else None
    if event is None:
        return None
    version = None if event[1] is None else event[1].decode("ascii")
    return Finding("dap", "a debugpy event", "debugpy", version)


def _harm(argv: Sequence[str], port: int) -> str | None:
    named = port in {port_of(each) for each in values_of(argv, "--port")}
    if (any(map(_ADAPTER.fullmatch, argv)) or "debugpy.adapter" in argv) and not named:
        return "the processes that are debugged connect there, and a stranger keeps them waiting"
    if any(map(_PYDEVD.fullmatch, argv)) and has_option(argv, "--server") and named:
        return "it waits for one debugger"
    return None


PROTOCOL = Protocol(
    name="dap",
    source="https://microsoft.github.io/debug-adapter-protocol/specification",
    ports=frozenset({5678}),
    programs={"debugpy/adapter": "debugpy"},
    greeting=_greeting,
    harm=_harm,
)
