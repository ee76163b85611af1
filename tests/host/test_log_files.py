from __future__ import annotations

import os
import resource
import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport.host.log_files import LogFile, read_log
from homeport.model.log import LogLine
from homeport.wire.log_lines import format_line

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECOND_NS = 1_000_000_000


def line(number: int) -> LogLine:
    return LogLine((1_700_000_000 + number) * SECOND_NS, f"line {number}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "logs" / "web.log")


def written(path: str, count: int, **more: int) -> LogFile:
    log = LogFile(path, **more)
    for number in range(count):
        assert log.append(format_line(line(number)))
    return log


def test_lines_are_read_back_as_they_were_written(path: str) -> None:
    written(path, 10).close()
    assert list(read_log(path)) == [line(number) for number in range(10)]
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_full_file_is_turned_over_and_the_oldest_goes(path: str) -> None:
    written(path, 100, size_bytes=400, files=3).close()
    assert sorted(os.listdir(os.path.dirname(path))) == ["web.log", "web.log.1", "web.log.2"]
    assert all(os.stat(f"{path}{end}").st_size <= 400 for end in ("", ".1", ".2"))
    found = list(read_log(path))
    assert found == [line(number) for number in range(100 - len(found), 100)]


@pytest.mark.parametrize("last", [0, 1, 5, 29, 30, 1000])
def test_the_last_lines_are_found_across_files(path: str, last: int) -> None:
    written(path, 30, size_bytes=400, files=9).close()
    assert (
        list(read_log(path, last=last))
        == [line(number) for number in range(30)][30 - last :][:last]
        if last < 30
        else [line(number) for number in range(30)]
    )


def test_a_line_longer_than_a_block_is_whole(path: str) -> None:
    log = LogFile(path)
    for text in ("a" * 200_000, "b" * 70_000, "c"):
        log.append(format_line(LogLine(0, text)))
    log.close()
    assert [len(each.text) for each in read_log(path, last=2)] == [70_000, 1]


def test_what_is_older_is_left_out(path: str) -> None:
    written(path, 30, size_bytes=400, files=9).close()
    assert list(read_log(path, since_ns=line(25).time_ns)) == [line(n) for n in range(25, 30)]
    assert list(read_log(path, last=2, since_ns=line(25).time_ns)) == [line(28), line(29)]


def test_there_need_be_no_log(path: str) -> None:
    assert list(read_log(path)) == list(read_log(path, last=3)) == []


def test_a_log_that_somebody_removes_begins_again(path: str) -> None:
    log = written(path, 1)
    shutil.rmtree(os.path.dirname(path))
    assert log.append(format_line(line(7)))
    assert list(read_log(path)) == [line(7)]
    log.close()


@contextmanager
def _full_disk(size_bytes: int) -> Generator[None]:
    """No file grows beyond this size: what a full disk is to a writer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_without_room_lines_are_lost_and_later_ones_are_whole(path: str) -> None:
    log = written(path, 1)
    with _full_disk(40):
        assert not log.append(format_line(line(1)))
        assert log.problem is not None
        assert "File too large" in log.problem
    assert log.append(format_line(line(2)))
    found = list(read_log(path))
    assert found[0] == line(0)
    assert found[-1] == line(2)
    log.close()


def test_a_directory_that_cannot_be_made_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    log = LogFile(str(tmp_path / "logs" / "web.log"))
    assert not log.append(b"x\n")
    assert log.problem is not None


def test_a_line_without_a_time_is_a_line(path: str) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700)
    with open(path, "wb") as file:
        file.write(b"\xff no time\n2026-99-99T00:00:00.000Z no date\n\x1b]0;x\x07y")
    assert [(each.time_ns, each.text) for each in read_log(path)] == [
        (None, "\ufffd no time"),
        (None, "2026-99-99T00:00:00.000Z no date"),
        (None, "y"),
    ]
