"""What a recorder writes of the events that it is told, and how it outlives trouble."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import SECOND_NS, Clock
from homeport.host.journal.file import Unwritable
from homeport.host.journal.reader import Entry, Wanted, read_entries, read_recordings
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.event import Event, EventKind
from homeport.model.process import Process, Project
from homeport.model.sockets import Listener
from homeport.see.events.record import BEAT_NS, MAX_WAITING, RETRY_NS, Recorder, holder_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

T0 = 1_800_000_000 * SECOND_NS


class MovedClock(Clock):
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = T0

    def now_ns(self) -> int:
        return self.now

    def monotonic_ns(self) -> int:
        return self.now


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "history.db")


@pytest.fixture
def recorder(path: str, clock: MovedClock) -> Generator[Recorder]:
    made = Recorder(path, netns=1, udp=False, clock=clock, boot="b")
    made.begin([], clock.now)
    yield made
    made.close([])


def event(kind: EventKind, cookie: int, at_ns: int = T0, *owners: Process) -> Event:
    endpoint = Endpoint(Transport.TCP, "127.0.0.1", 5432)
    return Event(at_ns, kind, endpoint, inode=1, netns=1, owners=owners, cookie=cookie)


def rows(path: str) -> list[Entry]:
    return list(read_entries(path, Wanted()))


def process(pid: int, start: int, name: str = "app", *argv: str) -> Process:
    return Process(
        pid=pid,
        start_ticks=start,
        name=name,
        argv=argv,
        user="me",
        cwd="/src/shop",
        project=Project("/src/shop", "shop", ".git"),
    )


def test_events_are_gathered_and_written_within_a_second(
    recorder: Recorder, clock: MovedClock, path: str
) -> None:
    recorder.tick([])
    recorder.add([event(EventKind.OPENED, 1)])
    assert recorder.due_ns - clock.now < SECOND_NS
    recorder.tick([])
    assert rows(path) == []
    clock.now = recorder.due_ns
    recorder.tick([])
    assert len(rows(path)) == 1


def test_it_is_there_even_when_nothing_happens(
    recorder: Recorder, clock: MovedClock, path: str
) -> None:
    recorder.tick([])
    clock.now += BEAT_NS
    assert recorder.due_ns <= clock.now
    recorder.tick([])
    assert read_recordings(path)[0].seen_ns == clock.now


def test_the_last_events_are_written_at_the_end(clock: MovedClock, path: str) -> None:
    recorder = Recorder(path, netns=1, udp=False, clock=clock, boot="b")
    recorder.begin([], clock.now)
    recorder.add([event(EventKind.OPENED, 1), event(EventKind.CLOSED, 1, T0 + 1)])
    recorder.close([])
    assert [entry.closed_ns for entry in rows(path)] == [T0 + 1]


def test_secrets_are_masked_before_they_are_kept(
    recorder: Recorder, clock: MovedClock, path: str
) -> None:
    owner = process(7, 1, "app", "app", "--password=hunter2")
    recorder.add([event(EventKind.OPENED, 1, T0, owner)])
    clock.now += SECOND_NS
    recorder.tick([])
    (entry,) = rows(path)
    assert entry.argv == ("app", "--password=***")
    assert (entry.pid, entry.project, entry.cwd) == (7, "shop", "/src/shop")
    for suffix in ("", "-wal"):
        with open(path + suffix, "rb") as file:
            assert b"hunter2" not in file.read()


def test_a_long_command_line_is_cut() -> None:
    holder = holder_of([process(7, 1, "java", "java", "-cp", "x" * 100_000, "Main")])
    assert holder is not None
    assert len("".join(holder.argv)) < 5000
    assert holder.argv[:2] == ("java", "-cp")


def test_the_oldest_holder_is_the_one_and_a_manager_only_alone() -> None:
    manager = process(1, 0, "systemd")
    master, worker = process(50, 10), process(40, 20)
    assert holder_of([]) is None
    for owners in ([worker, master], [manager, master, worker]):
        found = holder_of(owners)
        assert found is not None
        assert found.pid == 50
    alone = holder_of([manager])
    assert alone is not None
    assert alone.pid == 1


def test_what_cannot_be_written_waits_and_is_said_once(
    recorder: Recorder, clock: MovedClock, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unwritable("no room", next_step="make room")

    recorder.tick([])
    with monkeypatch.context() as patch:
        patch.setattr(recorder._journal, "write", full)
        for number in range(3):
            recorder.add([event(EventKind.OPENED, number + 1)])
            clock.now += RETRY_NS
            recorder.tick([])
    assert recorder.notices == ["recording waits: no room: make room"]
    assert rows(path) == []
    clock.now += RETRY_NS
    recorder.tick([])
    assert recorder.notices[1:] == ["recording goes on"]
    assert len(rows(path)) == 3


@pytest.mark.slow
def test_what_waits_is_bounded_and_what_is_open_is_still_right(
    recorder: Recorder, clock: MovedClock, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unwritable("no room")

    recorder.tick([])
    with monkeypatch.context() as patch:
        patch.setattr(recorder._journal, "write", full)
        recorder.add([event(EventKind.OPENED, number) for number in range(1, MAX_WAITING + 3)])
        clock.now += RETRY_NS
        recorder.tick([])
    endpoint = Endpoint(Transport.TCP, "127.0.0.1", 5432)
    first = Listener(endpoint, inode=1, netns=1, uid=0, cookie=1)
    clock.now += RETRY_NS
    recorder.tick([first])
    assert recorder.notices[-1] == "recording goes on, without 2 events"
    still_open = [entry.number for entry in rows(path) if entry.closed_ns is None]
    assert still_open == [1]


@pytest.mark.parametrize("trouble", ["removed", "damaged"])
def test_a_history_that_was_destroyed_is_begun_anew(
    recorder: Recorder, clock: MovedClock, path: str, trouble: str
) -> None:
    recorder.add([event(EventKind.OPENED, 1)])
    clock.now += SECOND_NS
    recorder.tick([])
    recorder.notices.clear()
    if trouble == "removed":
        for suffix in ("", "-wal", "-shm"):
            os.unlink(path + suffix)
    else:
        _damage(path)
    endpoint = Endpoint(Transport.TCP, "127.0.0.1", 5432)
    present = Listener(endpoint, inode=1, netns=1, uid=0, cookie=1)
    for number in range(2, 5):
        recorder.add([event(EventKind.OPENED, number)])
        clock.now += RETRY_NS + BEAT_NS
        recorder.tick([present])
    assert recorder.notices
    assert {entry.number for entry in rows(path)} == {1, 2, 3, 4}


def _damage(path: str) -> None:
    """Points a table to a page that there is not; the open recorder notices at its next write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA writable_schema = ON")
    other.execute("UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'tenancy'")
    other.execute("PRAGMA schema_version = 1000")
    other.close()
