"""Processes that hold sockets in every way there is, for the tests of owners."""

from __future__ import annotations

import array
import glob
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeport.host.owners import SocketHint
from tests.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.host.owners import OwnerSearch

WAITING = "import sys; print('ready', flush=True); sys.stdin.read()"


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A listener on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def inode_of(held: socket.socket) -> int:
    """The number by which a socket is known in /proc and in the kernel's tables."""
    return os.fstat(held.fileno()).st_ino


def want(*inodes: int) -> dict[int, SocketHint]:
    """The question for these sockets, made by this user."""
    return {inode: SocketHint(os.geteuid()) for inode in inodes}


class Holder:
    """A child process, spoken to over its standard input and output, line by line."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket) -> None:
        self.process = process
        self.pid = process.pid
        self.channel = channel

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def tell(self, text: str) -> str:
        """Write it a line, and read its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()
        return self.line()

    def wait_asleep(self) -> None:
        """Until all its threads wait: then it will not run before it is told something."""
        wait_until(lambda: all(map(_waits, glob.glob(f"/proc/{self.pid}/task/*/stat"))))

    def give(self, held: socket.socket) -> None:
        """Put a descriptor on its way to the process, which has to take it."""
        rights = array.array("i", [held.fileno()])
        self.channel.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


def _waits(stat: str) -> bool:
    with open(stat) as file:
        return file.read().rpartition(") ")[2][0] == "S"


@contextmanager
def holder(script: str = WAITING, *inherited: socket.socket) -> Iterator[Holder]:
    """A Python process that runs the script and inherits these sockets; ready when this returns.

    It must print one line when it is, and end when its standard input does. The descriptor of a
    channel for `Holder.give` is its first argument.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", script, str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[theirs.fileno(), *(each.fileno() for each in inherited)],
            start_new_session=True,
        )
        theirs.close()
        with process:
            try:
                made = Holder(process, ours)
                assert made.line() == "ready"
                yield made
            finally:
                process.kill()


def seen(search: OwnerSearch, held: socket.socket) -> tuple[int, ...]:
    """Who holds the socket, as far as was found."""
    return search.holders.get(inode_of(held), ())
