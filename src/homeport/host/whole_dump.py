"""Gives a dump to a program that restores it, once all of the dump is there.

    python -m homeport.host.whole_dump END BEGIN [BEGIN ...] -- PROGRAM [ARGUMENT ...]

A text that has one of the beginnings has to have the end: programs that restore do not look whether
what they read was cut off, and half of a dump would replace the whole. What has no such beginning
was written by somebody else, and is passed on as it is. What comes through a pipe is kept in a file
without a name until it has come.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from homeport.host.becoming import become
from homeport.host.files import unusable
from homeport.model.errors import BadInput, HomeportError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EDGE = 4096
"""So many bytes from the first and from the last are looked at."""


def whole(source: int, end: bytes, beginnings: Sequence[bytes]) -> int:
    """A descriptor of a file, at its beginning, with all of a dump.

    Raises `BadInput` where there is nothing, or where it is cut off.
    """
    file = source if stat.S_ISREG(os.fstat(source).st_mode) else _spooled(source)
    begin, size = os.lseek(file, 0, os.SEEK_CUR), os.fstat(file).st_size
    if size <= begin:
        raise BadInput("the dump is empty", next_step="dump it again")
    head = os.pread(file, _EDGE, begin)
    tail = os.pread(file, _EDGE, max(begin, size - _EDGE))
    if any(each in head for each in beginnings) and end not in tail:
        raise BadInput(
            "the dump is cut off, and nothing was restored",
            why=f"a whole one has {end.decode()!r} at its end",
            next_step="dump it again",
        )
    return file


def _spooled(source: int) -> int:
    import shutil
    from tempfile import TemporaryFile

    try:
        with open(source, "rb", closefd=False) as reading, TemporaryFile() as kept:
            shutil.copyfileobj(reading, kept)
            kept.seek(0)
            return os.dup(kept.fileno())
    except OSError as error:
        raise unusable("the dump cannot be kept until all of it is there", error) from error


def main(args: list[str]) -> int:
    """Becomes the program; the status to exit with where that cannot be."""
    split = args.index("--")
    (end, *beginnings), argv = args[:split], args[split + 1 :]
    try:
        os.dup2(whole(0, os.fsencode(end), [os.fsencode(each) for each in beginnings]), 0)
        become(argv, {}, ())
    except HomeportError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
