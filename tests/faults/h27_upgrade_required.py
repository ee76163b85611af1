"""H27: a page asked of a WebSocket server."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import application
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
import asyncio, sys
from websockets.asyncio.server import serve
async def echo(connection):
    async for message in connection:
        await connection.send(message)
async def main():
    async with serve(echo, "127.0.0.1", int(sys.argv[1]), subprotocols=None):
        await asyncio.Event().wait()
asyncio.run(main())
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with application(SOURCE, "app.py", place, sys.executable, "app.py", str(port), port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H27", "a page asked of a WebSocket server", _make, cause="H27")
