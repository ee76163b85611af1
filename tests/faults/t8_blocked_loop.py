"""T8-loop: an event loop is blocked by the handler of another connection."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import clients
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LOOP = """
import asyncio, sys, time
async def serve(reader, writer):
    if b"/block" in await reader.readline():
        time.sleep(1000)
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    writer.close()
async def main():
    await (await asyncio.start_server(serve, sys.argv[1], int(sys.argv[2]))).serve_forever()
asyncio.run(main())
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(LOOP, "127.0.0.1", port, ready=port),
        clients("127.0.0.1", port, 1, "/block"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "T8-loop",
    "an event loop is blocked by the handler of another connection",
    _make,
    cause="T8",
    root=False,
)
