"""The history database: rows that are written once, whatever happens to file, disk and recorder."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport.host.journal.file import VERSION, Damaged, Unwritable
from homeport.host.journal.reader import (
    Entry,
    Wanted,
    exists,
    forget,
    read_entries,
    read_recordings,
)
from homeport.host.journal.writer import (
    DAY_NS,
    PRUNE_ROWS,
    Change,
    Holder,
    Journal,
    Present,
    Sight,
    SocketName,
)
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import StateUnusable
from homeport.model.event import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

S = 1_000_000_000
T0 = 1_800_000_000 * S
HERE = Sight("boot-1", 4026531840, udp=False)
MASTER = Holder(812, 1000, "postgres", ("postgres", "-D", "/x"), "pg", "/x", "shop")
WORKER = Holder(950, 2000, "postgres", ("postgres: worker",), "pg", "/x", "shop")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "history.db")


@contextmanager
def journal(path: str, sight: Sight = HERE, started_ns: int = T0) -> Generator[Journal]:
    opened = Journal(path, sight, started_ns)
    try:
        yield opened
    finally:
        opened.close()


def socket(number: int = 7, port: int = 5432, transport: Transport = Transport.TCP) -> SocketName:
    return SocketName(HERE.netns, number, Endpoint(transport, "127.0.0.1", port))


def opened(at_s: int, name: SocketName | None = None, holder: Holder | None = MASTER) -> Change:
    return Change(EventKind.OPENED, name or socket(), T0 + at_s * S, holder)


def closed(at_s: int, name: SocketName | None = None) -> Change:
    return Change(EventKind.CLOSED, name or socket(), T0 + at_s * S)


def rows(path: str, wanted: Wanted | None = None) -> list[Entry]:
    return list(read_entries(path, wanted or Wanted()))


def times(path: str) -> list[tuple[int, int | None, int | None, bool]]:
    """seen, opened, closed (seconds after T0) and whether the end is known; the latest first."""

    def after(moment: int | None) -> int | None:
        return None if moment is None else (moment - T0) // S

    return [
        ((e.seen_ns - T0) // S, after(e.opened_ns), after(e.closed_ns), e.closed_known)
        for e in rows(path)
    ]


def test_a_tenancy_is_kept_with_its_holder(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + 1 * S)
        writer.write([closed(9)], T0 + 9 * S)
    (entry,) = rows(path)
    assert entry.endpoint == Endpoint(Transport.TCP, "127.0.0.1", 5432)
    assert (entry.pid, entry.name, entry.user) == (812, "postgres", "pg")
    assert entry.argv == ("postgres", "-D", "/x")
    assert (entry.cwd, entry.project, entry.boot) == ("/x", "shop", "boot-1")
    assert times(path) == [(1, 1, 9, True)]


def test_file_and_directory_are_private(path: str) -> None:
    before = os.umask(0)
    try:
        with journal(path) as writer:
            writer.write([opened(1)], T0)
            for suffix in ("", "-wal", "-shm"):
                assert stat.S_IMODE(os.stat(path + suffix).st_mode) == 0o600, suffix
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_without_a_file_reading_makes_none(path: str) -> None:
    assert not exists(path)
    assert rows(path) == []
    assert read_recordings(path) == []
    assert forget(path, [1]) == 0
    assert not os.path.exists(os.path.dirname(path))


def test_bytes_that_are_no_unicode_are_kept_readable(path: str) -> None:
    odd = MASTER._replace(name="a\udcff", cwd="/tmp/\udc80", argv=("x\udcff", "é\x00"))
    with journal(path) as writer:
        writer.write([opened(1, holder=odd)], T0)
    (entry,) = rows(path)
    assert entry.name == "a\\xff"
    assert entry.argv == ("x\udcff", "é\x00")


def test_a_cookie_above_the_signed_range_is_kept(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1, socket(2**64 - 1))], T0)
        writer.write([closed(2, socket(2**64 - 1))], T0)
    assert rows(path)[0].number == 2**64 - 1
    assert times(path) == [(1, 1, 2, True)]


@pytest.mark.parametrize(
    "order",
    [
        [(0, "o1"), (1, "o1"), (0, "c5"), (1, "c5")],
        [(0, "o1"), (0, "c5"), (1, "o1"), (1, "c5")],
        [(0, "o1"), (1, "c5"), (0, "c5"), (1, "o1")],
        [(1, "p5"), (0, "o1"), (0, "c5")],
        [(0, "o1"), (1, "p5"), (0, "c5")],
        [(0, "o1"), (0, "c5"), (1, "p5")],
    ],
)
def test_two_recorders_write_a_socket_once(path: str, order: list[tuple[int, str]]) -> None:
    kinds = {"o": EventKind.OPENED, "c": EventKind.CLOSED, "p": EventKind.PASSED}
    with journal(path) as one, journal(path, started_ns=T0 + 1) as two:
        for who, what in order:
            at_ns = T0 + int(what[1:]) * S
            holder = MASTER if what[0] == "o" else None
            change = Change(kinds[what[0]], socket(), at_ns, holder)
            (one, two)[who].write([change], at_ns)
    assert times(path) == [(1, 1, 5, True)]
    assert rows(path)[0].pid == 812


def test_a_socket_of_which_only_the_end_was_seen(path: str) -> None:
    with journal(path) as writer:
        writer.write([Change(EventKind.PASSED, socket(), T0 + 3 * S)], T0)
    assert times(path) == [(3, None, 3, True)]


def test_a_number_that_comes_again_is_another_tenancy(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1), closed(2), opened(3)], T0)
        writer.write([closed(4)], T0)
    assert times(path) == [(3, 3, 4, True), (1, 1, 2, True)]


def test_a_new_holder_is_a_new_tenancy(path: str) -> None:
    change = Change(EventKind.OWNER_CHANGED, socket(), T0 + 5 * S, WORKER)
    with journal(path) as one, journal(path, started_ns=T0 + 1) as two:
        one.write([opened(1), change], T0)
        two.write([change], T0)
        one.write([closed(9)], T0)
    assert times(path) == [(5, 5, 9, True), (1, 1, 5, True)]
    assert [entry.pid for entry in rows(path)] == [950, 812]


def test_a_holder_that_is_found_later_is_filled_in(path: str) -> None:
    change = Change(EventKind.OWNER_CHANGED, socket(), T0 + 5 * S, MASTER)
    with journal(path) as writer:
        writer.write([opened(1, holder=None), change], T0)
    assert times(path) == [(1, 1, None, False)]
    assert rows(path)[0].pid == 812


def test_what_is_open_when_recording_begins_has_no_opening(path: str) -> None:
    with journal(path) as writer:
        writer.adopt([Present(socket(), MASTER)], T0 + 2 * S)
        writer.adopt([Present(socket(), MASTER)], T0 + 3 * S)
        writer.write([closed(9)], T0)
    assert times(path) == [(2, None, 9, True)]


def test_what_went_while_nobody_was_there_is_last_seen(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1), opened(1, socket(8, 80))], T0 + 1 * S)
        writer.write([], T0 + 20 * S)
    with journal(path, started_ns=T0 + 90 * S) as writer:
        writer.adopt([Present(socket(8, 80), MASTER)], T0 + 90 * S)
    by_port = {entry.endpoint.port: entry for entry in rows(path)}
    assert (by_port[5432].closed_ns, by_port[5432].closed_known) == (T0 + 20 * S, False)
    assert by_port[80].closed_ns is None


def test_udp_is_lost_only_to_a_recorder_that_sees_udp(path: str) -> None:
    name = socket(5, 53, Transport.UDP)
    with journal(path, HERE._replace(udp=True)) as writer:
        writer.write([opened(1, name)], T0 + 10 * S)
    with journal(path, started_ns=T0 + 1) as writer:
        writer.adopt([], T0 + 90 * S)
    assert times(path) == [(1, 1, None, False)]
    with journal(path, HERE._replace(udp=True), T0 + 2) as writer:
        writer.adopt([], T0 + 95 * S)
    assert times(path) == [(1, 1, 10, False)]


def test_another_boot_closes_everything_as_last_seen(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + 6 * S)
    with journal(path, Sight("boot-2", 1, udp=False), T0 + 99 * S) as writer:
        writer.adopt([], T0 + 99 * S)
    assert times(path) == [(1, 1, 6, False)]


def test_another_namespace_is_left_alone(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + 6 * S)
    with journal(path, HERE._replace(netns=5), T0 + 9 * S) as writer:
        writer.adopt([], T0 + 9 * S)
    assert times(path) == [(1, 1, None, False)]


def test_a_row_that_another_recorder_has_just_opened_is_not_lost(path: str) -> None:
    with journal(path) as one, journal(path, started_ns=T0 + 1) as two:
        one.write([opened(5)], T0 + 5 * S)
        two.adopt([], T0 + 4 * S)  # it had read its table before that opening
    assert times(path) == [(5, 5, None, False)]


def test_a_close_corrects_what_was_taken_for_lost(path: str) -> None:
    with journal(path) as one, journal(path, started_ns=T0 + 1) as two:
        one.write([opened(1)], T0 + 1 * S)
        two.adopt([], T0 + 8 * S)
        one.write([closed(7)], T0 + 8 * S)
    assert times(path) == [(1, 1, 7, True)]


def test_what_was_taken_for_lost_and_is_there_goes_on(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + 1 * S)
        writer.adopt([], T0 + 8 * S)
        writer.adopt([Present(socket(), MASTER)], T0 + 9 * S)
    assert times(path) == [(1, 1, None, False)]


def test_a_holder_that_changed_while_nobody_was_there(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + 4 * S)
        writer.adopt([Present(socket(), WORKER)], T0 + 9 * S)
    assert times(path) == [(9, None, None, False), (1, 1, 4, False)]


def test_all_changes_of_a_write_or_none(path: str) -> None:
    broken = opened(2, socket(8, 80), MASTER._replace(pid=2**70))
    with journal(path) as writer, pytest.raises(OverflowError):
        writer.write([opened(1), broken], T0)
    assert rows(path) == []


def test_rows_are_chosen_by_port_and_time(path: str) -> None:
    with journal(path) as writer:
        for port in range(1, 6):
            name = socket(port, port)
            writer.write([opened(port * 10, name), closed(port * 10 + 5, name)], T0)
        writer.write([opened(100, socket(9, 9))], T0)

    def ports(wanted: Wanted) -> list[int]:
        return [entry.endpoint.port for entry in rows(path, wanted)]

    assert ports(Wanted()) == [9, 5, 4, 3, 2, 1]
    assert ports(Wanted(ports=(2, 4))) == [4, 2]
    assert ports(Wanted(since_ns=T0 + 45 * S)) == [9, 5, 4]
    assert ports(Wanted(until_ns=T0 + 20 * S)) == [1]
    assert ports(Wanted(since_ns=T0 + 22 * S, until_ns=T0 + 23 * S)) == [2]


def test_old_rows_are_pruned_and_open_ones_stay(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1), closed(2), opened(3, socket(8, 80))], T0)
        assert not writer.prune(T0 + 89 * DAY_NS)
        assert len(rows(path)) == 2
        assert writer.prune(T0 + 91 * DAY_NS)
        assert not writer.prune(T0 + 91 * DAY_NS)
    assert [entry.endpoint.port for entry in rows(path)] == [80]
    assert read_recordings(path) == []


def test_the_file_shrinks_to_its_bound_in_small_steps(path: str) -> None:
    fat = MASTER._replace(argv=("x" * 2000,))
    with journal(path) as writer:
        changes = [
            change
            for number in range(PRUNE_ROWS * 3)
            for change in (opened(number, socket(number), fat), closed(number, socket(number)))
        ]
        writer.write(changes, T0)
        writer.write([opened(5000, socket(5000), fat)], T0)
        before, bound = os.path.getsize(path), 1_500_000
        assert before > 2 * bound
        steps = 1
        while writer.prune(T0 + 6000 * S, size_bytes=bound):
            steps += 1
        assert steps > 2
        assert len(rows(path)) < PRUNE_ROWS * 2
    kept = sqlite3.connect(path)
    assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept.close()
    assert os.path.getsize(path) < bound * 1.5
    assert rows(path)[0].number == 5000


@pytest.mark.parametrize("damage", ["garbage", "header", "middle", "truncated"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path: str, damage: str) -> None:
    with journal(path) as writer:
        writer.write([opened(n, socket(n)) for n in range(400)], T0)
    damages: dict[str, Callable[[bytes], bytes]] = {
        "garbage": lambda data: os.urandom(len(data)),
        "header": lambda data: b"\0" * 100 + data[100:],
        "middle": lambda data: data[:4096] + os.urandom(len(data) - 4096),
        "truncated": lambda data: data[: len(data) // 2],
    }
    with open(path, "rb+") as file:
        data = damages[damage](file.read())
        file.seek(0)
        file.truncate()
        file.write(data)
    with journal(path) as writer:
        assert len(writer.notices) == 1
        assert "damaged" in writer.notices[0]
        writer.write([opened(1)], T0)
    assert len(rows(path)) == 1
    aside = [name for name in os.listdir(os.path.dirname(path)) if ".damaged-" in name]
    assert len(aside) == 1
    assert aside[0] in writer.notices[0]


def test_reading_a_damaged_file_is_said(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0)
    with open(path, "wb") as file:
        file.write(b"not a database, " * 1000)
    with pytest.raises(StateUnusable, match="damaged"):
        rows(path)


def test_an_empty_file_is_an_empty_history(path: str) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700)
    with open(path, "wb"):
        pass
    assert rows(path) == []
    assert read_recordings(path) == []


def test_a_file_of_a_newer_program_is_neither_read_nor_touched(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0)
    changed = sqlite3.connect(path)
    changed.execute(f"PRAGMA user_version = {VERSION + 1}")
    changed.close()
    for act in (lambda: rows(path), lambda: Journal(path, HERE, T0)):
        with pytest.raises(StateUnusable, match="newer Homeport") as caught:
            act()
        assert "upgrade" in (caught.value.next_step or "")


def test_a_file_that_was_taken_away_is_noticed(path: str) -> None:
    with journal(path) as writer:
        assert not writer.replaced()
        os.rename(path, path + ".elsewhere")
        assert writer.replaced()
        with journal(path):
            assert writer.replaced()


def test_a_writer_that_keeps_the_lock_is_named_after_a_while(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeport.host.journal.file.BUSY_SECONDS", 0.05)
    with journal(path) as writer:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unwritable, match="cannot be used") as caught:
            writer.write([opened(1)], T0)
        assert "another program" in (caught.value.next_step or "")
        other.execute("ROLLBACK")
        other.close()
        writer.write([opened(1)], T0)
    assert len(rows(path)) == 1


def test_what_is_forgotten_is_wiped_from_the_file(path: str) -> None:
    secret = MASTER._replace(argv=("the-word-to-forget",))
    with journal(path) as writer:
        writer.write([opened(1, holder=secret), opened(2, socket(8, 80))], T0)
    (kept, gone) = rows(path)
    assert forget(path, [gone.id, 12345]) == 1
    assert [entry.id for entry in rows(path)] == [kept.id]
    for suffix in ("", "-wal"):
        if os.path.exists(path + suffix):
            with open(path + suffix, "rb") as file:
                assert b"the-word-to-forget" not in file.read()


def test_recordings_tell_who_watched_and_until_when(path: str) -> None:
    with journal(path) as writer:
        writer.write([], T0 + 5 * S)
        writer.write([], T0 + 10 * S)
    (recording,) = read_recordings(path)
    assert recording == (HERE.boot, HERE.netns, False, os.getpid(), T0, T0 + 10 * S)


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k,mode=700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine allows no mount: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


@pytest.mark.root
def test_a_full_disk_loses_nothing_that_was_written(small_disk: Path) -> None:
    path = str(small_disk / "state" / "history.db")
    with journal(path) as writer:
        writer.write([opened(1)], T0)
        filler = fill(small_disk)
        with pytest.raises(Unwritable) as caught:
            for number in range(10_000):
                writer.write([opened(number, socket(number + 100))], T0)
        assert "make room" in (caught.value.next_step or "") or caught.value.why
        written = len(rows(path))
        assert written >= 1
        with pytest.raises(Unwritable):
            writer.write([opened(n, socket(n + 50_000)) for n in range(2000)], T0)
        assert len(rows(path)) == written
        filler.unlink()
        writer.write([opened(2, socket(99))], T0)
    assert len(rows(path)) == written + 1


@pytest.mark.root
def test_a_history_is_read_from_a_full_disk_and_begun_on_none(small_disk: Path) -> None:
    path = str(small_disk / "state" / "history.db")
    with journal(path) as writer:
        writer.write([opened(1)], T0)
    fill(small_disk)
    assert len(rows(path)) == 1
    other = str(small_disk / "other" / "history.db")
    with pytest.raises(StateUnusable):
        Journal(other, HERE, T0)


@pytest.mark.parametrize(
    "turned",
    [
        "tenancy SET transport = 'tcq'",
        "tenancy SET argv = '[broken'",
        "tenancy SET argv = '[1]'",
        "tenancy SET port = 70000",
        "tenancy SET seen_ns = 9223372036854775807",
        "tenancy SET opened_ns = -1",
        "tenancy SET closed_ns = 'soon'",
        "tenancy SET name = x'ff00'",
        "recorder SET seen_ns = 'now'",
    ],
)
def test_values_that_nobody_wrote_are_damage(path: str, turned: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + S)
    database = sqlite3.connect(path)
    with database:
        database.execute(f"UPDATE {turned}")
    database.close()
    with pytest.raises(Damaged):
        assert (rows(path), read_recordings(path)) is None


def test_a_name_in_the_file_that_is_no_text_is_damage(path: str) -> None:
    with journal(path) as writer:
        writer.write([opened(1)], T0 + S)
    with open(path, "r+b") as file:
        file.seek(file.read().index(b"TABLE recorder"))
        file.write(b"\x97")  # SQLite's complaint will quote it
    with pytest.raises(Damaged):
        read_recordings(path)
