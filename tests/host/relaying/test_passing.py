"""TLS sessions that are handed on as they are, or held back; questions to who takes them."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport.host.relaying import passing
from homeport.host.relaying.engine import Engine, listen
from homeport.host.relaying.loop import Loop
from homeport.host.relaying.passing import Asking, Directory
from homeport.host.relaying.verdicts import Answer, Forward, Hold
from tests.host.relaying.test_engine import OneAnswer, connected
from tests.support import leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


class Elsewhere(OneAnswer):
    """A policy that knows who takes TLS, and has no certificate of its own."""

    def __init__(self, taken: Callable[[bytes, int], Forward | Hold | None]) -> None:
        super().__init__(Answer(b"fine"))
        self.taken = taken

    def elsewhere(self, hello: bytes, waited_ms: int) -> Forward | Hold | None:
        return self.taken(hello, waited_ms)


@contextmanager
def engine(taken: Callable[[bytes, int], Forward | Hold | None]) -> Generator[tuple[Engine, int]]:
    got = listen([leased_port()])
    assert got
    port, listeners = got
    made = Engine(Elsewhere(taken), listeners, uids=None)
    stop, stopped = socket.socketpair()
    made.loop.add(stopped.fileno(), lambda _: made.loop.stop())
    thread = threading.Thread(target=made.loop.run)
    thread.start()
    try:
        yield made, port
        wait_until(lambda: not made.present, what="every connection to be closed")
    finally:
        stop.close()
        thread.join(10)
        made.close()
        stopped.close()


@contextmanager
def taker(directory: Path) -> Generator[tuple[str, socket.socket]]:
    """A unix socket that somebody listens on."""
    path = str(directory / "taker.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(10)
        yield path, listener


def refused_by_the_engine(port: int) -> bool:
    """Whether TLS was spoken by the engine itself, which has no certificate."""
    with connected(port) as raw, pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        ssl.create_default_context().wrap_socket(raw, server_hostname="a.localhost")
    return True


def test_a_session_is_handed_on_with_every_byte(tmp_path: Path) -> None:
    first, much = b"\x16\3\1hello", bytes(range(256)) * 10_000
    with taker(tmp_path) as (path, listener):

        def taken(hello: bytes, _: int) -> Forward:
            assert hello == first
            return Forward(path, 0)

        with engine(taken) as (_, port), connected(port) as client:
            client.sendall(first)
            other, _ = listener.accept()
            with other:
                other.settimeout(10)
                assert other.recv(100) == first
                for source, target in ((client, other), (other, client)):
                    sending = threading.Thread(target=source.sendall, args=(much,))
                    sending.start()
                    got = bytearray()
                    while len(got) < len(much):
                        got += target.recv(1 << 20)
                    sending.join(10)
                    assert got == much


def test_when_nobody_takes_it_the_engine_does(tmp_path: Path) -> None:
    with engine(lambda *_: Forward(str(tmp_path / "nobody"), 0)) as (_, port):
        assert refused_by_the_engine(port)


def test_who_is_held_goes_on_when_the_time_is_up_or_there_is_an_answer(tmp_path: Path) -> None:
    seen: list[int] = []

    def taken(hello: bytes, waited_ms: int) -> Hold | None:
        assert hello.startswith(b"\x16\3")
        seen.append(waited_ms)
        return Hold(60) if waited_ms < 60 else None

    with engine(taken) as (made, port):
        assert refused_by_the_engine(port)
        assert seen[0] == 0
        assert seen[-1] >= 60
    answer: list[Hold | None] = [Hold(60_000)]
    with engine(lambda *_: answer[0]) as (made, port), ThreadPoolExecutor(1) as pool:
        refused = pool.submit(refused_by_the_engine, port)
        wait_until(lambda: made.held)
        answer[0] = None
        made.loop.after(0, made.wake)
        connected(port).close()  # the loop, in its own thread, has to stop waiting
        assert refused.result(20)
        assert not made.held


def test_who_is_held_and_leaves_is_forgotten() -> None:
    with engine(lambda *_: Hold(60_000)) as (made, port):
        client = connected(port)
        client.sendall(b"\x16\3\1")
        wait_until(lambda: made.held)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        wait_until(lambda: not made.held)


def asked(path: str, serve: Callable[[], None] | None = None) -> bytes | None:
    """What a question gets for an answer."""
    loop = Loop()
    got: list[bytes | None] = []

    def done(answer: bytes | None) -> None:
        got.append(answer)
        loop.stop()

    asking = Asking(loop, path, b"question" * 100_000, done)
    serving = threading.Thread(target=serve) if serve is not None else None
    if serving is not None:
        serving.start()
    loop.run()
    asking.cancel()
    if serving is not None:
        serving.join(10)
    loop.release()
    (only,) = got
    return only


def test_a_question_is_answered(tmp_path: Path) -> None:
    with taker(tmp_path) as (path, listener):

        def serve() -> None:
            other, _ = listener.accept()
            with other:
                missing = 800_000
                while missing:
                    missing -= len(other.recv(missing))
                other.sendall(b"ans")
                other.sendall(b"wer")

        assert asked(path, serve) == b"answer"


def test_a_question_that_nobody_answers_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "ANSWER_MS", 50)
    assert asked(str(tmp_path / "nobody")) is None
    with taker(tmp_path) as (path, listener):
        assert asked(path) is None

        def leave() -> None:
            for _ in range(2):
                listener.accept()[0].close()

        assert asked(path, leave) is None


def test_sockets_of_a_directory_are_reached_however_long_its_path_is(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 100) / ("b" * 100)
    long.mkdir(parents=True)
    directory = Directory(str(long))
    path = directory.socket_path("it.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        made = passing.connect_local(path)
        assert made is not None
        made.close()
        directory.clear()
        assert passing.connect_local(path) is None
    directory.close()
