"""Real servers and clients through the gateway."""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import TYPE_CHECKING

import pytest
import websockets
from aiohttp import ClientSession, TCPConnector, web

from homeport.run.certificates.authority import root_path
from tests.run.gateway.conftest import connected, route, told
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from homeport.run.gateway.registration import Registration

HOST = "api.shop.localhost"
BOTH = pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
MANY = 5_000_000


@pytest.fixture
def registration(shared_registration: Registration) -> Registration:
    return shared_registration


def context(port: int) -> ssl.SSLContext:
    with connected(port) as first, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(first, server_hostname=HOST)
    return ssl.create_default_context(cafile=root_path())


@BOTH
def test_websockets(registration: Registration, *, secure: bool) -> None:
    async def echo(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async def talk() -> None:
        async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
            backend_port = next(iter(server.sockets)).getsockname()[1]
            told(registration, route(backend_port))
            tls = await asyncio.to_thread(context, registration.port) if secure else None
            url = f"{'wss' if secure else 'ws'}://{HOST}:{registration.port}/"
            async with websockets.connect(
                url, host="127.0.0.1", ssl=tls, max_size=None, compression=None
            ) as client:
                for message in ("hello", b"\r\n\r\n", "x" * MANY, b""):
                    await client.send(message)
                    assert await client.recv() == message

    asyncio.run(talk())


class Streams:
    """An aiohttp server whose answers are streams."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.application = web.Application(client_max_size=1 << 30)
        self.application.router.add_post("/echo", self.echo)
        self.application.router.add_get("/who", self.who)

    async def echo(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for piece in request.content.iter_any():
            await response.write(piece)
        return response

    async def who(self, request: web.Request) -> web.Response:
        fields = request.headers
        return web.json_response([request.host, fields.get("X-Forwarded-Proto")])


@BOTH
def test_a_client_that_keeps_its_connections_and_streams(
    registration: Registration, *, secure: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 50_000

    async def talk() -> None:
        runner = web.AppRunner(Streams().application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port := leased_port())
        await site.start()
        told(registration, route(port))
        tls = await asyncio.to_thread(context, registration.port) if secure else True
        base = f"{'https' if secure else 'http'}://127.0.0.1:{registration.port}"
        fields = {"Host": f"{HOST}:{registration.port}"}
        async with ClientSession(connector=TCPConnector(ssl=tls, limit=4)) as session:

            async def one() -> None:
                async with session.post(
                    f"{base}/echo", data=pieces(), headers=fields, server_hostname=HOST
                ) as response:
                    assert len(await response.read()) == MANY
                async with session.get(
                    f"{base}/who", headers=fields, server_hostname=HOST
                ) as response:
                    proto = "https" if secure else None
                    assert await response.json() == [fields["Host"], proto]

            await asyncio.gather(*(one() for _ in range(12)))
        await runner.cleanup()

    asyncio.run(talk())


@pytest.mark.slow
@pytest.mark.parametrize(
    "argv",
    [
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"],
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--protocol", "HTTP/1.1"],
    ],
    ids=["HTTP/1.0", "HTTP/1.1"],
)
def test_the_simplest_of_servers(
    registration: Registration, argv: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"y" * MANY)
    port = leased_port()
    with spawn([*argv, str(port)], ready=port, cwd=tmp_path):
        told(registration, route(port))

        async def fetch() -> None:
            url = f"http://127.0.0.1:{registration.port}/file"
            async with ClientSession(headers={"Host": HOST}) as session:
                for _ in range(3):
                    async with session.get(url) as response:
                        assert response.status == 200
                        assert len(await response.read()) == MANY

        asyncio.run(fetch())
