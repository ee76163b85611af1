from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from homeport.host import shim
from homeport.host.clock import SECOND_NS, Clock
from homeport.model.running import Program, Started
from homeport.model.service import Check, CheckKind
from homeport.run.supervise.logs import Log
from homeport.run.supervise.probes import Target, health, look_once, until_ready
from tests.support import leased_port, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LONG_MS, SHORT_MS = 20_000, 150

TCP = Check(CheckKind.TCP, timeout_ms=LONG_MS)
HTTP = Check(CheckKind.HTTP, "/health", timeout_ms=LONG_MS)

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int({status!r}))
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


@pytest.fixture
def log(tmp_path: Path) -> Generator[Log]:
    opened = Log(str(tmp_path / "logs" / "web.log"))
    yield opened
    opened.close()


def target(port: int, pid: int | None = None) -> Target:
    return Target("127.0.0.1", port, tuple(os.environ.items()), "/", pid)


@contextmanager
def shimmed(*argv: str) -> Generator[int]:
    """The pid of a program under a shim."""
    with shim.spawn(Program(argv, tuple(os.environ.items()), "/")) as spawned:
        started = wait_until(lambda: [*spawned.read_reports(), spawned.started][-1])
        assert isinstance(started, Started)
        yield started.pid


def server(port: int, status: int = 200) -> list[str]:
    return [sys.executable, "-c", SERVER.format(port=port, status=status)]


@pytest.mark.parametrize("check", [TCP, HTTP])
def test_a_server_that_comes_up_later_is_seen(check: Check, log: Log) -> None:
    port = leased_port()

    async def come_up() -> str | None:
        waiting = asyncio.create_task(until_ready(check, target(port), log))
        await asyncio.sleep(0)
        with spawn(server(port)) as spawned:
            assert spawned.pid
            return await waiting

    assert asyncio.run(come_up()) is None


def test_what_does_not_come_up_in_time_says_why(log: Log) -> None:
    port = leased_port()
    check = TCP._replace(timeout_ms=SHORT_MS)
    why = asyncio.run(until_ready(check, target(port), log))
    assert why == f"not ready after 0.15 s: nothing listens on port {port}"


def test_a_listener_that_nobody_looks_at_yet_is_not_ready(log: Log) -> None:
    async def inherited() -> tuple[str | None, str | None]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            first = await until_ready(TCP._replace(timeout_ms=SHORT_MS), target(port), log)
            waiting = asyncio.create_task(until_ready(TCP, target(port), log))
            await asyncio.sleep(0)
            listener.setblocking(False)
            while not waiting.done():
                with suppress(BlockingIOError):
                    listener.accept()[0].close()
                await asyncio.sleep(0.001)
            return first, await waiting

    first, second = asyncio.run(inherited())
    assert first is not None
    assert first.endswith("are not accepted")
    assert second is None


def test_a_status_above_399_is_not_ready(log: Log) -> None:
    port = leased_port()
    with spawn(server(port, 503), ready=port):
        why = asyncio.run(until_ready(HTTP._replace(timeout_ms=SHORT_MS), target(port), log))
    assert why == "not ready after 0.15 s: it answers /health with status 503"


def test_without_a_path_any_answer_will_do(log: Log) -> None:
    port = leased_port()
    with spawn(server(port, 404), ready=port):
        assert asyncio.run(until_ready(HTTP._replace(value=""), target(port), log)) is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"SSH-2.0-x\r\n", "it answers with something else than HTTP/1"),
        (b"", "it closes the connection without an answer"),
        (b"HTTP/1.1 nonsense", "its answer is no HTTP/1"),
        (b"HTTP/1.1 nonsense\r\n\r\n", "its answer is no HTTP/1"),
    ],
)
def test_who_speaks_no_http_is_told_so(answer: bytes, words: str) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async def look() -> str | None:
        port = leased_port()
        async with await asyncio.start_server(speak, "127.0.0.1", port):
            return await look_once(HTTP, target(port))

    assert asyncio.run(look()) == words


def test_who_accepts_and_says_nothing_has_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        why = asyncio.run(look_once(HTTP._replace(timeout_ms=SHORT_MS), target(port)))
    assert why == "does not answer within 0.15 s"


@pytest.mark.slow
def test_a_listener_that_was_there_before_is_not_the_service(log: Log) -> None:
    port = leased_port()
    with spawn(server(port), ready=port) as before, shimmed("sleep", "1000") as service:
        check = TCP._replace(timeout_ms=1000)
        why = asyncio.run(until_ready(check, target(port, service), log))
        assert why is not None
        assert "python" in why
        assert f" {before.pid}'s, which was there before" in why


def test_the_services_own_listener_counts(log: Log) -> None:
    port = leased_port()
    with shimmed("sh", "-c", f"{sys.executable} -m http.server -b 127.0.0.1 {port}; true") as pid:
        assert asyncio.run(until_ready(TCP, target(port, pid), log)) is None


def test_a_line_that_comes_counts_without_its_colours(log: Log) -> None:
    check = Check(CheckKind.LOG, r"ready in \d+ ms", timeout_ms=LONG_MS)

    async def comes() -> str | None:
        waiting = asyncio.create_task(until_ready(check, target(0), log))
        await asyncio.sleep(0)
        log.feed(b"not yet\n\x1b[32mready in \x1b[1m17 ms\x1b[0m\n")
        return await waiting

    assert asyncio.run(comes()) is None


class Yesterday(Clock):
    """A clock that runs late."""

    late_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() - self.late_ns


def test_a_line_that_came_already_counts_if_this_program_printed_it(tmp_path: Path) -> None:
    clock = Yesterday()
    log = Log(str(tmp_path / "web.log"), clock=clock)
    check = Check(CheckKind.LOG, "ready", timeout_ms=SHORT_MS)
    with spawn(["sleep", "1000"]) as service:
        clock.late_ns = SECOND_NS
        log.feed(b"ready\n")
        why = asyncio.run(until_ready(check, target(0, service.pid), log))
        assert why == "not ready after 0.15 s: no line matches 'ready'"
        clock.late_ns = 0
        log.feed(b"ready\n")
        assert asyncio.run(until_ready(check, target(0, service.pid), log)) is None
    log.close()


def test_what_is_no_regular_expression_is_told_at_once(log: Log) -> None:
    why = asyncio.run(until_ready(Check(CheckKind.LOG, "(", timeout_ms=LONG_MS), target(0), log))
    assert why is not None
    assert "is no regular expression" in why


def test_a_command_is_asked_and_its_last_words_are_told() -> None:
    check = Check(CheckKind.COMMAND, "echo warming up; exit 1", timeout_ms=LONG_MS)
    assert asyncio.run(look_once(check, target(0))) == (
        "'echo warming up; exit 1' fails: warming up"
    )
    assert asyncio.run(look_once(check._replace(value="true"), target(0))) is None


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    check = Check(CheckKind.COMMAND, f"sleep 1000 & echo $! > {tmp_path}/pid; wait", timeout_ms=500)
    assert asyncio.run(look_once(check, target(0))) == "does not answer within 0.5 s"
    pid = int((tmp_path / "pid").read_text())
    assert not os.path.exists(f"/proc/{pid}")


def test_ill_health_is_told_after_some_failures_and_once() -> None:
    check = TCP._replace(interval_ms=1, failures=2, timeout_ms=1000)

    async def follow() -> list[str | None]:
        port = leased_port()
        told: list[str | None] = []
        looking = health(check, target(port))
        told.append(await anext(looking))
        with socket.create_server(("127.0.0.1", port), backlog=1000):
            told.append(await anext(looking))
        told.append(await anext(looking))
        await looking.aclose()
        return told

    first, second, third = asyncio.run(follow())
    assert first is not None
    assert (second, third) == (None, first)
