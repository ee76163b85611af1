"""Files of /proc/PID as kernels write them, and broken ones."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.proc_pid import (
    Activation,
    Stat,
    is_deleted,
    parse_activation,
    parse_cmdline,
    parse_stat,
)
from tests.support import FIXTURES

NGINX = (FIXTURES / "proc" / "nginx-worker.stat").read_bytes()


def test_a_recorded_stat() -> None:
    assert parse_stat(NGINX) == Stat("nginx", "S", 11896, 298496)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"a b", "a b"),
        (b"x) S 1 (y", "x) S 1 (y"),
        (b"line\nbreak", "line\nbreak"),
        (b"\xff\xfe", "\udcff\udcfe"),
        (b"", ""),
        (b"((()))", "((()))"),
        (b"\x1b[31mred", "\x1b[31mred"),
    ],
)
def test_a_name_may_hold_anything(name: bytes, expected: str) -> None:
    found = parse_stat(NGINX.replace(b"(nginx)", b"(" + name + b")"))
    assert found == Stat(expected, "S", 11896, 298496)


@given(st.binary(max_size=15))
def test_every_name_comes_back(name: bytes) -> None:
    found = parse_stat(b"1 (" + name + b") R 7 " + b"0 " * 17 + b"99 0 0\n")
    assert found.name.encode("utf-8", "surrogateescape") == name
    assert (found.parent, found.start_ticks) == (7, 99)


@pytest.mark.parametrize("end", range(0, NGINX.rindex(b"298496"), 7))
def test_a_cut_stat_is_broken(end: int) -> None:
    with pytest.raises(BrokenMessage):
        parse_stat(NGINX[:end])


@given(st.binary())
@example(b"1 () ")
@example(b")(")
@example(b"1 (x) S 1 " + b"x " * 30)
def test_any_bytes_are_read_or_broken(data: bytes) -> None:
    with suppress(BrokenMessage):
        assert parse_stat(data).start_ticks is not None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ()),
        (b"python3\0-m\0http.server\0", ("python3", "-m", "http.server")),
        (b"printf\0\0", ("printf", "")),
        (b"sh\0-c\0\0", ("sh", "-c", "")),
        (b"sh\0\0-c\0", ("sh", "", "-c")),
        (b"\0", ("",)),
        (b"caf\xc3\xa9\0\xff\0", ("café", "\udcff")),
        (b"two\nlines\0", ("two\nlines",)),
        # Titles: without an end, with one, filled up with NUL bytes.
        (b"nginx: worker process", ("nginx: worker process",)),
        (b"nginx: worker process\0", ("nginx: worker process",)),
        (b"sshd: me@pts/0\0\0", ("sshd: me@pts/0",)),
        (b"title\0\0\0\0\0\0\0", ("title",)),
        (b"postgres: checkpointer \0\0\0\0", ("postgres: checkpointer ",)),
        ((FIXTURES / "proc" / "nginx-worker.cmdline").read_bytes(), ("nginx: worker process",)),
        # Cut in the middle of an argument, as kernels before 4.2 did after 4096 bytes.
        (b"java\0-cp\0/a:/b:/", ("java", "-cp", "/a:/b:/")),
    ],
)
def test_arguments(data: bytes, expected: tuple[str, ...]) -> None:
    assert parse_cmdline(data) == expected


@given(st.lists(st.binary(min_size=1).filter(lambda word: b"\0" not in word), min_size=1))
def test_arguments_that_are_not_empty_come_back(words: list[bytes]) -> None:
    found = parse_cmdline(b"\0".join(words) + b"\0")
    assert [word.encode("utf-8", "surrogateescape") for word in found] == words


def test_sockets_passed_by_a_service_manager() -> None:
    environ = b"HOME=/\0LISTEN_PID=812\0LISTEN_FDS=2\0LISTEN_FDNAMES=web.socket:admin\0"
    assert parse_activation(environ) == Activation(812, 2, ("web.socket", "admin"))


@pytest.mark.parametrize(
    "environ",
    [
        b"",
        b"HOME=/\0",
        b"LISTEN_FDS=1\0",
        b"LISTEN_PID=1\0",
        b"LISTEN_PID=x\0LISTEN_FDS=1\0",
        b"LISTEN_PID=\0LISTEN_FDS\0",
    ],
)
def test_no_sockets_passed(environ: bytes) -> None:
    assert parse_activation(environ) is None


def test_names_may_be_missing() -> None:
    assert parse_activation(b"LISTEN_FDS=1\0LISTEN_PID=5") == Activation(5, 1)


def test_what_was_unlinked_says_so() -> None:
    assert is_deleted("/usr/bin/python3.11 (deleted)")
    assert not is_deleted("/usr/bin/python3.11")
