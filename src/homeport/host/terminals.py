"""Pseudo-terminals (pty(7)): the one that a program gets, and the end that its supervisor keeps."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios

from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple

_CHUNK = 1 << 16
_TOO_MANY = "see how many there may be: {}"
_ADVICE = {
    errno.EMFILE: _TOO_MANY.format("ulimit -n"),
    errno.ENFILE: _TOO_MANY.format("sysctl fs.file-max"),
    errno.ENOENT: "mount -t devpts devpts /dev/pts, which a container or chroot may lack",
}


class Terminal(NamedTuple):
    """Both ends, as descriptors that are closed by exec: `ours`, and the program's."""

    ours: int
    theirs: int


def open_terminal(rows: int, columns: int) -> Terminal:
    """A new pseudo-terminal; `ours` never waits. Raises `HomeportError` where there are no more."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        raise HomeportError(
            "no terminal can be made for the program",
            why=error.strerror,
            next_step=_ADVICE.get(error.errno or 0, _TOO_MANY.format("sysctl kernel.pty.max")),
        ) from error
    os.set_blocking(ours, False)
    resize(ours, rows, columns)
    return Terminal(ours, theirs)


def resize(descriptor: int, rows: int, columns: int) -> None:
    """Sets the size of the window; programs in the foreground are told by SIGWINCH."""
    size = struct.pack("HHHH", _bounded(rows), _bounded(columns), 0, 0)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)


def _bounded(number: int) -> int:
    return min(max(number, 1), 0xFFFF)


def make_controlling(descriptor: int) -> None:
    """Makes it the controlling terminal of the session that this process leads and has none."""
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def read(descriptor: int) -> bytes | None:
    """What was printed; empty when there is nothing now, None when nobody can print any more."""
    try:
        return os.read(descriptor, _CHUNK) or None
    except BlockingIOError:
        return b""
    except OSError as error:
        if error.errno == errno.EIO:  # the last one at the other end has closed it
            return None
        raise


def write(descriptor: int, data: bytes) -> int:
    """Types into the terminal; how many bytes it took, 0 where the program does not read."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:
        return 0
    except OSError as error:
        if error.errno == errno.EIO:
            return len(data)  # nobody is there to read it
        raise
