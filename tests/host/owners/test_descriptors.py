"""Reading the links of one process, of any shape of descriptor table."""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.host.owners import descriptors
from homeport.host.owners.descriptors import are_counted, is_kernel_thread, sockets_in, thread_count
from homeport.host.owners.scan import View, holds_many, look_into, pids, view
from homeport.host.privileges import effective_capabilities, in_first_pid_namespace
from tests.host.owners.holders import holder

if TYPE_CHECKING:
    from collections.abc import Iterable

SELF = f"/proc/{os.getpid()}"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A directory of links that looks like /proc/PID/fd."""
    return tmp_path


@given(
    numbers=st.sets(st.integers(0, 120)),
    sockets=st.sets(st.integers(0, 120)),
    count=st.none() | st.integers(0, 200),
)
def test_every_socket_is_found_whatever_the_count_says(
    numbers: set[int], sockets: set[int], count: int | None
) -> None:
    with tempfile.TemporaryDirectory() as table:
        for number in numbers:
            target = f"socket:[{1000 + number}]" if number in sockets else "/dev/null"
            os.symlink(target, f"{table}/{number}")
        expected = sorted(1000 + number for number in numbers & sockets)
        assert sorted(sockets_in(table, count)) == expected


def linked(table: Path, numbers: Iterable[int]) -> list[int]:
    """Makes a table of sockets with these numbers, and gives their inodes."""
    table.mkdir()
    for number in numbers:
        os.symlink(f"socket:[{1000 + number}]", table / str(number))
    return [1000 + number for number in numbers]


@given(gaps=st.lists(st.sets(st.integers(0, 30), max_size=10), min_size=2, max_size=4))
def test_the_gaps_of_one_table_are_no_gaps_of_the_next(gaps: list[set[int]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        for at, missing in enumerate(gaps):
            table = Path(home) / str(at)
            expected = linked(table, [number for number in range(40) if number not in missing])
            for _ in range(2):
                assert sorted(sockets_in(str(table), len(expected))) == expected


def test_where_the_system_cannot_tell_what_exists_no_gap_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a container whose seccomp filter is older than faccessat2(2).
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr(descriptors, "_free_before", [()])
    expected = linked(tmp_path / "one", [*range(5), *range(6, 40)])
    assert sorted(sockets_in(str(tmp_path / "one"), len(expected))) == expected
    expected = linked(tmp_path / "other", range(40))
    assert sorted(sockets_in(str(tmp_path / "other"), len(expected))) == expected


def test_our_own_descriptors_are_all_seen() -> None:
    with ExitStack() as held:
        mine = [held.enter_context(socket.socket()) for _ in range(200)]
        for each in mine[50:190:3]:
            each.close()
        inodes = {os.fstat(each.fileno()).st_ino for each in mine if each.fileno() >= 0}
        for count in (None, 0, 5, 400, os.stat(f"{SELF}/fd").st_size):
            assert inodes <= set(sockets_in(f"{SELF}/fd", count))


def test_a_path_longer_than_a_page_is_no_obstacle(tmp_path: Path) -> None:
    home = os.getcwd()
    deep = os.open(tmp_path, os.O_RDONLY)
    with socket.socket() as held, ExitStack() as open_files:
        open_files.callback(os.close, deep)
        try:
            os.chdir(tmp_path)
            for _ in range(25):
                os.mkdir("d" * 200)
                os.chdir("d" * 200)
            open_files.enter_context(open("file", "w"))
        finally:
            os.chdir(home)
        for count in (None, 500):
            assert os.fstat(held.fileno()).st_ino in sockets_in(f"{SELF}/fd", count)


def test_an_ended_process_is_gone() -> None:
    with holder() as other:
        path = f"/proc/{other.pid}/fd"
        assert thread_count(f"/proc/{other.pid}") == 1
    with pytest.raises((FileNotFoundError, ProcessLookupError)):
        sockets_in(path, None)
    assert look_into([other.pid], view()).hidden == frozenset()


def test_descriptors_are_counted_since_linux_6_2(tmp_path: Path) -> None:
    release = tuple(int(part) for part in os.uname().release.split(".")[:2])
    assert are_counted() == (release >= (6, 2))
    assert not are_counted(str(tmp_path))


def test_a_kernel_thread_is_told_from_a_process() -> None:
    assert not is_kernel_thread(SELF)
    with suppress(FileNotFoundError), open("/proc/2/comm") as name:
        assert is_kernel_thread("/proc/2") == (name.read() == "kthreadd\n")


def test_how_much_there_is_to_read_is_known_before() -> None:
    seen_from, everybody = view(), pids()
    assert holds_many(seen_from, everybody, 1)
    assert not holds_many(seen_from, everybody, 1 << 40)
    assert holds_many(seen_from._replace(counted=False), everybody, 1)
    assert os.getpid() in pids()


def test_before_linux_6_2_the_same_is_found() -> None:
    seen_from = view()
    with socket.socket() as held:
        found = look_into(pids(), View("/proc", seen_from.uid, counted=False))
        assert os.fstat(held.fileno()).st_ino in found.sockets[os.getpid()]
        assert 2 not in found.hidden


@pytest.mark.root
def test_processes_of_others_are_hidden_from_a_user_but_not_those_of_the_kernel() -> None:
    with holder() as other:
        for counted in (True, False):
            found = look_into(pids(), View("/proc", 65533, counted=counted))
            assert other.pid in found.hidden
            assert 2 not in found.hidden
            assert found.sockets == {}


def test_privileges_are_none_where_nothing_is_known(tmp_path: Path) -> None:
    assert effective_capabilities(str(tmp_path)) == 0
    assert not in_first_pid_namespace(str(tmp_path))
    if os.geteuid() == 0:
        assert effective_capabilities()
