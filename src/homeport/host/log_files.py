"""Log files: appended to, turned over when they grow, and read back.

A log must never harm what is logged: a full disk or a directory that has vanished loses lines,
says so once, and is tried again with the next ones.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import ExitStack, suppress

from homeport.host.files import make_private
from homeport.model.errors import StateUnusable
from homeport.wire.log_lines import parse_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from homeport.model.log import LogLine

_MEBIBYTE = 1 << 20
_BLOCK = 1 << 16


class LogFile:
    """The newest of `files` files of at most `size_bytes` each: PATH, PATH.1, PATH.2 ..."""

    def __init__(self, path: str, *, size_bytes: int = 8 * _MEBIBYTE, files: int = 3) -> None:
        self.problem: str | None = None
        self._path = path
        self._most_bytes = size_bytes
        self._files = max(1, files)
        self._descriptor: int | None = None
        self._size_bytes = 0
        self._torn = False

    def append(self, data: bytes) -> bool:
        """Writes whole lines; False where they are lost, `problem` then says why. Never raises."""
        try:
            self._write(data)
        except (OSError, StateUnusable) as error:
            why = error.why if isinstance(error, StateUnusable) else error.strerror
            self.problem = f"lines are missing in {self._path}: {why}"
            return False
        self.problem = None
        return True

    def close(self) -> None:
        """Gives the descriptor back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, data: bytes) -> None:
        descriptor = self._opened(len(data))
        if self._torn:
            data = b"\n" + data
        written = os.write(descriptor, data)
        self._size_bytes += written
        self._torn = written < len(data)
        if self._torn:
            self._size_bytes += os.write(descriptor, data[written:])
            self._torn = False

    def _opened(self, more_bytes: int) -> int:
        """The file to write to: made again where somebody has removed it, a new one when full."""
        if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
            self.close()
        descriptor = self._open() if self._descriptor is None else self._descriptor
        if self._size_bytes and self._size_bytes + more_bytes > self._most_bytes:
            self.close()
            self._turn_over()
            descriptor = self._open()
        return descriptor

    def _open(self) -> int:
        make_private(os.path.dirname(self._path))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        # Nobody who has put a named pipe here may stop us.
        self._descriptor = os.open(self._path, flags | os.O_NONBLOCK, 0o600)
        self._size_bytes = os.fstat(self._descriptor).st_size
        return self._descriptor

    def _turn_over(self) -> None:
        for number in range(self._files - 1, 0, -1):
            with suppress(FileNotFoundError):
                os.replace(_numbered(self._path, number - 1), _numbered(self._path, number))
        if self._files == 1:
            os.unlink(self._path)


def read_log(
    path: str, *, last: int | None = None, since_ns: int | None = None
) -> Iterator[LogLine]:
    """The lines of a log and of the files before it, oldest first; none where there is no log.

    `last` is how many at most, the newest; `since_ns` leaves out what was printed earlier.
    """
    with ExitStack() as opened:
        newest_first = [opened.enter_context(file) for file in _open_all(path)]
        if since_ns is not None:
            lines = _since(newest_first, since_ns)
            yield from lines if last is None else deque(lines, maxlen=max(0, last))
        elif last is not None:
            yield from map(parse_line, _tail(newest_first, last))
        else:
            for file in reversed(newest_first):
                yield from (parse_line(line.rstrip(b"\n")) for line in file)


def _numbered(path: str, number: int) -> str:
    return f"{path}.{number}" if number else path


def _open_all(path: str) -> Iterator[BinaryIO]:
    """The files that there are, the newest first."""
    number = 0
    while True:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            yield os.fdopen(os.open(_numbered(path, number), flags), "rb")
        except OSError:
            return
        number += 1


def _since(newest_first: list[BinaryIO], since_ns: int) -> Iterator[LogLine]:
    for file in reversed(newest_first):
        if os.fstat(file.fileno()).st_mtime_ns < since_ns:
            continue
        for data in file:
            line = parse_line(data.rstrip(b"\n"))
            if line.time_ns is None or line.time_ns >= since_ns:
                yield line


def _tail(newest_first: list[BinaryIO], last: int) -> list[bytes]:
    """The last lines, for which no more is read than they need."""
    lines: list[bytes] = []
    for file in newest_first:
        if len(lines) < last:
            lines[:0] = _tail_of(file, last - len(lines))
    return lines


def _tail_of(file: BinaryIO, last: int) -> list[bytes]:
    position = file.seek(0, os.SEEK_END)
    blocks: list[bytes] = []
    ends = 0
    # One end more than lines: the first line found may be cut off at its beginning.
    while position > 0 and ends <= last:
        size = min(_BLOCK, position)
        position -= size
        file.seek(position)
        blocks.append(file.read(size))
        ends += blocks[-1].count(b"\n")
    lines = b"".join(reversed(blocks)).split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines[-last:] if last > 0 else []
