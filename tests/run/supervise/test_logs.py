from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.run.supervise.logs import Log, read_log

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_printed_is_shown_remembered_and_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "logs" / "web.log")
    log = Log(path)
    assert log.feed(b"one\r\ntw") == ["one"]
    assert log.feed(b"o\r\n\x1b[31mthree\r\n(Pdb) ") == ["two", "\x1b[31mthree\x1b[0m"]
    assert log.pending
    assert log.flush() == ["(Pdb) "]
    assert log.note("started") == ["-- started"]
    assert log.last(2) == ["(Pdb) ", "-- started"]
    log.close()
    assert [line.text for line in read_log(path)] == [
        *("one", "two", "\x1b[31mthree\x1b[0m", "(Pdb) ", "-- started")
    ]


def test_who_listens_is_told_of_each_line_until_they_have_enough(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "web.log"))
    heard: list[str] = []
    enough = log.listen(heard.append)
    log.feed(b"a\nb\n")
    enough()
    log.feed(b"c\n")
    assert heard == ["a", "b"]
    log.close()


def test_that_lines_are_lost_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    log = Log(str(tmp_path / "logs" / "web.log"))
    first, second = log.feed(b"a\n"), log.feed(b"b\n")
    assert first[0] == "a"
    assert first[1].startswith("-- lines are missing in ")
    assert second == ["b"]
    log.close()
