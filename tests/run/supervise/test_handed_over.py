"""A listening socket that is handed over stays open between two programs."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.running import project

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
WEB = f"""
[services.web]
run = "{BIN}/gunicorn --graceful-timeout 5 app:app"
"""


class Clients:
    """Threads that ask again and again, each time by a new connection; what went wrong."""

    def __init__(self, port: int, number: int) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._port = port
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(number)]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def _ask_on(self) -> None:
        while not self._over.is_set():
            try:
                self._ask()
            except OSError as error:
                self.failures.append(repr(error))

    def _ask(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while data := connection.recv(4096):
                answer += data
        if b" 200 OK" in answer:
            self.answered += 1
        else:
            self.failures.append(repr(answer))


@pytest.mark.slow
def test_no_connection_is_refused_while_a_service_restarts(tmp_path: Path) -> None:
    with project(tmp_path, WEB, files={"app.py": APP}) as shop:
        shop.up()
        with Clients(shop.ps()["web"]["port"], 4) as clients:
            pids = set()
            for _ in range(4):
                assert shop.homeport("restart", "web").returncode == 0
                pids.add(shop.ps()["web"]["pid"])
        assert len(pids) == 4
        assert clients.failures == []
        assert clients.answered > 20


def _refuses(port: int) -> Callable[[], bool]:
    def refuses() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        return False

    return refuses


@pytest.mark.slow
def test_a_service_that_is_stopped_refuses_whoever_connects(tmp_path: Path) -> None:
    with project(tmp_path, WEB, files={"app.py": APP}) as shop:
        shop.up()
        port = shop.ps()["web"]["port"]
        refuses = _refuses(port)
        assert not refuses()
        shop.homeport("stop", "web")
        assert refuses()
        shop.up()
        assert shop.ps()["web"]["port"] == port
        assert not refuses()
