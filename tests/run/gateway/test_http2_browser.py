"""HTTP/2 as a browser uses it: a page, many streams at once, and a WebSocket beside them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.run.certificates import context_for
from homeport.run.certificates.authority import root_path
from tests.examples.chromium import chromium
from tests.run.gateway.conftest import route, told
from tests.support import leased_port, need, spawn, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.run.gateway.registration import Registration

pytestmark = pytest.mark.slow

SERVICE = """
import asyncio, sys
from aiohttp import web

present = 0

async def page(request):
    return web.Response(text="<!doctype html><title>page</title>", content_type="text/html")

async def stream(request):
    global present
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    present += 1
    try:
        while True:
            await answer.write(b"data: %d\\n\\n" % present)
            await asyncio.sleep(0.05)
    finally:
        present -= 1

async def talk(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str(request.headers["X-Forwarded-Proto"])
    async for message in socket:
        await socket.send_str(message.data[::-1])
    return socket

async def count(request):
    return web.Response(text=str(present))

app = web.Application()
app.add_routes([
    web.get("/", page), web.get("/stream/{n}", stream), web.get("/talk", talk),
    web.get("/count", count),
])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, handler_cancellation=True)
"""
STREAMS = """
window.counts = [];
window.sources = [...Array(20).keys()].map((n) => {
  const source = new EventSource(`/stream/${n}`);
  source.onmessage = (event) => { counts[n] = +event.data; };
  return source;
});
true
"""
TALK = """
new Promise((done, failed) => {
  const socket = new WebSocket(`wss://${location.host}/talk`), heard = [];
  socket.onopen = () => socket.send("abc");
  socket.onerror = failed;
  socket.onmessage = (event) => { heard.push(event.data); if (heard.length === 2) done(heard); };
})
"""
COUNT = "fetch('/count').then((answer) => answer.text())"
PROTOCOL = "performance.getEntriesByType('{}').at(-1).nextHopProtocol"


def trusting_home(place: Path) -> Path:
    """A home in which Chromium trusts the authority of this test."""
    context_for("localhost")
    store = place / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil = need("certutil", package="libnss3-tools")
    for more in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "it", "-i", root_path()]):
        subprocess.run([certutil, "-d", f"sql:{store}", *more], check=True, capture_output=True)
    return place


def test_a_page_has_more_streams_than_http_1_allows_and_a_websocket(
    registration: Registration, tmp_path: Path
) -> None:
    home = trusting_home(tmp_path / "home")
    port = leased_port()
    with spawn([sys.executable, "-c", SERVICE, str(port)], ready=port):
        told(registration, route(port, "web.shop"))
        env = {"HOME": str(home)}
        with chromium(tmp_path / "profile", env) as browser, browser.page() as page:
            page.visit(f"https://web.shop.localhost:{registration.port}/")
            assert page.run(PROTOCOL.format("navigation")) == "h2"
            page.run(STREAMS)
            page.wait_for("counts.filter((count) => count === 20).length === 20")
            assert page.run(COUNT) == "20"
            assert page.run(TALK) == ["https", "cba"]
            page.run("sources.forEach((each) => each.close())")
            wait_until(lambda: page.run(COUNT) == "0", what="the end of the streams")
            assert page.run(PROTOCOL.format("resource")) == "h2"
