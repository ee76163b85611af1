"""What the engine lets in, and what it does at its limits."""

from __future__ import annotations

import os
import resource
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from homeport.host.peer_uid import PeerUids, _by_table
from homeport.host.relaying.engine import Engine, listen, room_for_connections
from homeport.host.relaying.verdicts import Answer, Forward, Hold
from tests.support import NOBODY, leased_port, wait_until

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from homeport.host.relaying.verdicts import Verdict
    from homeport.wire.http_request import Head, Refused

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class OneAnswer:
    """A policy that says the same to everybody."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.asked = 0

    def request(self, head: Head, secure: str | None, waited_ms: int) -> Verdict:  # noqa: ARG002
        self.asked += 1
        return self.verdict

    def elsewhere(self, hello: bytes, waited_ms: int) -> Forward | Hold | None:  # noqa: ARG002
        return None

    def stream(self, name: str, waited_ms: int) -> Verdict | None:  # noqa: ARG002
        return None

    def context(self, name: str) -> ssl.SSLContext | None:  # noqa: ARG002
        return None

    def refusal(self, refused: Refused) -> Answer:
        return Answer(str(refused.status).encode())

    def unreachable(self, asked: Head | str, forward: Forward, waited_ms: int) -> Verdict:  # noqa: ARG002
        return Answer(b"unreachable")


@contextmanager
def running(
    verdict: Verdict, *, most: int = 100, uids: frozenset[int] | None = None
) -> Iterator[tuple[Engine, int]]:
    got = listen([leased_port()])
    assert got
    port, listeners = got
    engine = Engine(OneAnswer(verdict), listeners, uids=uids, most=most)
    stop, stopped = socket.socketpair()
    engine.loop.add(stopped.fileno(), lambda _: engine.loop.stop())
    thread = threading.Thread(target=engine.loop.run)
    thread.start()
    try:
        yield engine, port
        wait_until(lambda: not engine.present, what="every connection to be closed")
    finally:
        stop.close()
        thread.join(10)
        engine.close()
        stopped.close()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def said(port: int, request: bytes = REQUEST) -> bytes:
    with connected(port) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(1000), b""))


def test_beyond_so_many_connections_nobody_is_let_in_until_one_is_gone() -> None:
    with running(Answer(b"fine"), most=3) as (engine, port):
        held = [connected(port) for _ in range(3)]
        wait_until(lambda: engine.present == 3)
        refused = said(port)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"too many connections" in refused
        held.pop().close()
        wait_until(lambda: engine.present == 2)
        assert said(port) == b"fine"
        for client in held:
            client.close()


def test_without_descriptors_it_refuses_in_words_and_recovers() -> None:
    with running(Answer(b"fine")) as (_, port):
        waiting = [connected(port) for _ in range(3)]
        client = connected(port)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        used = max(map(int, os.listdir("/proc/self/fd"))) + 1
        late = socket.socket()
        late.settimeout(10)
        fillers = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, before[1]))
        try:
            fillers = _fill()
            late.connect(("127.0.0.1", port))
            late.sendall(REQUEST)
            got = late.recv(1000)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            for filler in fillers:
                os.close(filler)
            late.close()
        assert got.startswith(b"HTTP/1.1 503 ")
        assert said(port) == b"fine"
        for each in (*waiting, client):
            each.close()


def test_without_even_a_spare_descriptor_it_pauses_and_goes_on() -> None:
    with running(Answer(b"fine")) as (engine, port):
        assert engine._spare is not None
        os.close(engine._spare)
        engine._spare = None
        engine._without_descriptors(engine._listeners[0])
        socket.create_connection(("::1", port)).close()  # the loop looks at its times again
        assert said(port) == b"fine"
        assert engine._spare is not None


def _fill() -> list[int]:
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken


def test_who_is_held_is_asked_again_when_the_time_is_up() -> None:
    with running(Hold(20)) as (engine, port), connected(port) as client:
        policy = engine.policy
        assert isinstance(policy, OneAnswer)
        client.sendall(REQUEST)
        wait_until(lambda: policy.asked > 3)
        policy.verdict = Answer(b"at last")
        assert client.recv(100) == b"at last"
        assert not engine.held


@pytest.mark.slow
def test_a_backend_that_does_not_take_connections_is_given_up() -> None:
    """Its queue is full: the kernel leaves the question without an answer."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        with running(Forward(*address)) as (_, port):
            assert said(port) == b"unreachable"
        for filler in fillers:
            filler.close()


def test_a_backend_that_is_slow_to_take_connections_is_waited_for() -> None:
    with socket.socket() as slow:
        slow.settimeout(10)
        slow.bind(("127.0.0.1", 0))
        slow.listen(0)
        fillers = [socket.socket() for _ in range(2)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(slow.getsockname())
        with running(Forward(*slow.getsockname())) as (_, port), connected(port) as client:
            client.sendall(REQUEST)
            while True:
                taken, _ = slow.accept()
                with taken:
                    taken.settimeout(0.2)
                    with suppress(TimeoutError):
                        assert taken.recv(1000) == REQUEST
                        taken.sendall(b"at last")
                        break
            assert client.recv(1000) == b"at last"
        for filler in fillers:
            filler.close()


def test_a_client_that_has_left_is_not_kept_for_a_silent_backend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("homeport.host.relaying.pump.SILENCE_MS", 300)
    with socket.create_server(("127.0.0.1", 0)) as backend:
        address = backend.getsockname()
        backend.settimeout(10)
        with running(Forward(*address)) as (engine, port):
            listening = connected(port)
            listening.sendall(REQUEST)
            listening.shutdown(socket.SHUT_WR)
            silent, _ = backend.accept()
            with connected(port) as leaving:
                leaving.sendall(REQUEST)
                unheard, _ = backend.accept()
            with silent, unheard, listening:
                said_so_far = b""
                # One that is being answered is kept, however long that takes.
                while engine.present > 1:
                    silent.sendall(b".")
                    said_so_far += listening.recv(1)
                silent.sendall(b"!")
                assert listening.recv(1) == b"!"
                assert len(said_so_far) > 1
                silent.shutdown(socket.SHUT_WR)
                assert listening.recv(1) == b""


def test_the_first_port_that_is_free_on_both_addresses_is_taken() -> None:
    first, second = leased_port(), leased_port()
    with socket.create_server(("::1", first), family=socket.AF_INET6):
        got = listen([first, second])
        assert got
        assert got[0] == second
        assert [each.getsockname()[0] for each in got[1]] == ["127.0.0.1", "::1"]
        assert listen([first]) is None
        for each in got[1]:
            each.close()


def test_the_limit_of_descriptors_says_how_many_connections_fit() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, before[1]))
        room = room_for_connections()
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft >= 500
        assert 2 * room < soft
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def pair(address: str) -> Iterator[tuple[socket.socket, tuple[str, int], tuple[str, int]]]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listener:
        ours = listener.getsockname()[:2]
        with socket.create_connection(ours) as client:
            accepted, peer = listener.accept()
            with accepted:
                yield client, peer[:2], ours


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_user_at_the_other_end_is_known_until_it_is_closed(address: str) -> None:
    uids = PeerUids()
    with pair(address) as (client, peer, ours):
        assert uids.of(peer, ours) == os.geteuid()
        assert _by_table(peer, ours) == os.geteuid()
        client.shutdown(socket.SHUT_WR)
        assert uids.of(peer, ours) == os.geteuid()
        client.close()
        assert uids.of(peer, ours) is None
        assert _by_table(peer, ours) is None
    assert uids.of(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    uids.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to be another user")
def test_another_user_at_the_other_end_is_seen() -> None:
    uids = PeerUids()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = os.fork()
        if not child:
            os.setuid(NOBODY.uid)
            with socket.create_connection(listener.getsockname()) as client:
                client.recv(1)
            os._exit(0)
        accepted, peer = listener.accept()
        with accepted:
            assert uids.of(peer, listener.getsockname()) == NOBODY.uid
            assert _by_table(peer, listener.getsockname()) == NOBODY.uid
        os.waitpid(child, 0)
    uids.close()


def test_an_unknown_user_is_not_let_in() -> None:
    with running(Answer(b"fine"), uids=frozenset({4711})) as (_, port):
        assert said(port).startswith(b"HTTP/1.1 403 ")
    with running(Answer(b"fine"), uids=frozenset({os.geteuid()})) as (_, port):
        assert said(port) == b"fine"
