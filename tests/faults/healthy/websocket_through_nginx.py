"""WebSocket through nginx."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import application, nginx
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
    inner, port = leased_port(), leased_port()
    server = (
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{inner}; "
        "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
        "proxy_set_header Connection upgrade; "
        "} }\n"
    )
    with (
        application(SOURCE, "app.py", place, sys.executable, "app.py", str(inner), port=inner),
        nginx(place, server, port=port),
    ):
        yield Situation(f"ws://127.0.0.1:{port}/")


HEALTHY = Healthy("WebSocket through nginx", _make)
