from __future__ import annotations

import os
import select
import socket
import stat
import tempfile
from typing import TYPE_CHECKING

import pytest

from homeport.host import control
from homeport.host.control import Listener
from homeport.model.errors import StateUnusable
from tests.support import NOBODY, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeport.host.control import Channel


@pytest.fixture
def path(tmp_path: Path) -> str:
    # Longer than a socket's address may be.
    return str(tmp_path / ("d" * 60) / ("e" * 60) / "control.sock")


@pytest.fixture
def pair(path: str) -> Iterator[tuple[Channel, Channel]]:
    with Listener(path) as listener:
        ours = control.connect(path)
        theirs = listener.accept()
        assert ours
        assert theirs
        with ours, theirs:
            yield ours, theirs


def test_messages_go_both_ways(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    ours.send({"one": 1})
    ours.send({"two": "zwei"})
    theirs.send({"three": None})
    assert theirs.receive() == [{"one": 1}, {"two": "zwei"}]
    assert theirs.receive() == []
    assert ours.wait(1000)
    assert ours.receive() == [{"three": None}]
    assert (theirs.pid, theirs.uid) == (os.getpid(), os.geteuid())
    theirs.send({"last": True})
    theirs.close()
    assert ours.receive() == [{"last": True}]
    assert ours.receive() is None


def test_a_large_message_is_sent_in_pieces_as_the_other_side_reads(
    pair: tuple[Channel, Channel],
) -> None:
    ours, theirs = pair
    message: dict[str, object] = {"text": "x" * 900_000}
    ours.send(message)
    assert ours.wants_write
    assert not ours.drain(10)
    assert theirs.receive() == []

    def come() -> list[dict[str, object]] | None:
        ours.flush()
        return theirs.receive()

    assert wait_until(come) == [message]
    assert ours.drain(10)


def test_who_does_not_read_is_let_go(pair: tuple[Channel, Channel]) -> None:
    ours, _ = pair
    for _ in range(10):
        ours.send({"text": "x" * 900_000})
    assert ours.ended
    assert ours.receive() is None


def test_who_sends_nonsense_is_as_good_as_gone(path: str) -> None:
    with Listener(path) as listener:
        for nonsense in (b"hello\n", b"x" * (1 << 21)):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(0.2)
                directory = os.open(os.path.dirname(path), os.O_DIRECTORY)
                client.connect(f"/proc/self/fd/{directory}/control.sock")
                os.close(directory)
                theirs = listener.accept()
                assert theirs
                with theirs:
                    client.setblocking(False)
                    rest = nonsense
                    while rest and not theirs.ended:
                        rest = rest[client.send(rest) :]
                        assert not theirs.receive()
                    assert theirs.receive() is None


def test_the_socket_is_this_users_alone_and_goes_with_its_listener(path: str) -> None:
    with Listener(path):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert not os.path.exists(path)
    assert control.connect(path) is None


def test_what_a_killed_process_left_is_replaced_and_its_close_removes_nothing_of_ours(
    path: str,
) -> None:
    dead = Listener(path)
    with Listener(path) as listener:
        dead.close()
        assert os.path.exists(path)
        ours = control.connect(path)
        assert ours
        theirs = listener.accept()
        assert theirs
        theirs.close()
        ours.close()


def test_no_more_than_so_many_are_let_in(path: str) -> None:
    with Listener(path, most=1) as listener:
        first, second = control.connect(path), control.connect(path)
        assert first
        assert second
        let_in = listener.accept(0)
        assert let_in
        with first, second, let_in:
            assert listener.accept(1) is None
            assert second.receive() is None
            assert listener.accept(1) is None


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to be another user")
def test_another_user_is_not_let_in() -> None:
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        _refuses_nobody(os.path.join(place, "open", "s"))


def _refuses_nobody(path: str) -> None:
    with Listener(path) as listener:
        # As if somebody had opened both by hand.
        os.chmod(os.path.dirname(path), 0o755)
        os.chmod(path, 0o666)
        child = os.fork()
        if not child:
            os.setuid(NOBODY.uid)
            connected = socket.socket(socket.AF_UNIX)
            connected.connect(path)
            connected.settimeout(10)
            os._exit(0 if connected.recv(1) == b"" else 1)
        wait_until(lambda: _readable(listener))
        assert listener.accept() is None
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _readable(listener: Listener) -> bool:
    return bool(select.select([listener], [], [], 0)[0])


def test_a_directory_that_is_not_private_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(StateUnusable):
        Listener(str(tmp_path / "open" / "s"))
