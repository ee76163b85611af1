"""A program gets all of a dump or nothing of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BEGIN, END = b"-- dump of\n", b"-- dump is whole\n"
WHOLE = BEGIN + b"x" * 10_000 + b"\n" + END


def given(dump: bytes, *argv: str) -> subprocess.CompletedProcess[bytes]:
    """What a program says that is given this through a pipe."""
    module = [sys.executable, "-P", "-m", "homeport.host.whole_dump"]
    words = [END.decode().strip(), "-- another", BEGIN.decode().strip(), "--"]
    return subprocess.run(
        [*module, *words, *(argv or ("cat",))], input=dump, capture_output=True, check=False
    )


@pytest.mark.parametrize("dump", [WHOLE, b"INSERT 1;\n", b"\0" * 100_000, BEGIN + END])
def test_what_is_whole_or_no_dump_is_passed_on(dump: bytes, tmp_path: Path) -> None:
    done = given(dump)
    assert (done.returncode, done.stdout, done.stderr) == (0, dump, b"")
    # A file is not copied, and read from where it is.
    path = tmp_path / "dump"
    path.write_bytes(b"before" + dump)
    with path.open("rb") as file:
        file.seek(6)
        done = subprocess.run(done.args, stdin=file, capture_output=True, check=True)
    assert done.stdout == dump


@pytest.mark.parametrize("left", [len(WHOLE) - 1 - len(END), 5000, len(BEGIN)])
def test_what_is_cut_off_is_not(left: int) -> None:
    done = given(WHOLE[:left])
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"cut off, and nothing was restored" in done.stderr


def test_nothing_is_no_dump() -> None:
    assert b"the dump is empty" in given(b"").stderr
    done = given(WHOLE, "/nowhere/program")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"/nowhere/program" in done.stderr
