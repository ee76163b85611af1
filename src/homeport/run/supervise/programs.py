"""The programs of one service that run now: itself, and steps before and after it.

Joins shims with the event loop: what they report and print goes to whoever started them, and it
is known when nothing is left.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.host import shim
from homeport.model.running import Gone, Lost

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from homeport.host.shim import Spawned
    from homeport.model.running import Program, Report

    OnReport = Callable[[Report], None]


_MOST_LAST_PIECES = 64
"""More than a terminal keeps for who has not read it: what cannot be ended may go on printing."""

_MOST_UNTYPED_BYTES = 1 << 23
_TYPED_AT_ONCE_BYTES = 1 << 16


class Programs:
    """What is alive of a service.

    `on_output` gets what is printed, as bytes; `on_empty` is called each time that the last
    program, with all that it had started, is gone.
    """

    def __init__(self, on_output: Callable[[bytes], None], on_empty: Callable[[], None]) -> None:
        self._on_output = on_output
        self._on_empty = on_empty
        self._alive: dict[Spawned, OnReport] = {}
        self._size = (24, 80)
        self._untyped: dict[Spawned, bytearray] = {}

    def __bool__(self) -> bool:
        """Whether anything is alive."""
        return bool(self._alive)

    def start(
        self,
        program: Program,
        on_report: OnReport,
        *,
        keep: Sequence[int],
        listener: socket.socket | None = None,
    ) -> Spawned:
        """Runs a program; `keep` are descriptors that its shim holds for as long as it lives."""
        rows, columns = self._size
        sized = program._replace(rows=rows, columns=columns)
        spawned = shim.spawn(sized, keep=keep, pass_listener=listener)
        self._alive[spawned] = on_report
        loop = asyncio.get_running_loop()
        loop.add_reader(spawned.channel_fd, self._read_reports, spawned)
        if spawned.terminal_fd is not None:
            loop.add_reader(spawned.terminal_fd, self._read_output, spawned)
        return spawned

    def _read_output(self, spawned: Spawned) -> None:
        data = spawned.read_terminal()
        if data:
            self._on_output(data)
        elif data is None and spawned.terminal_fd is not None:
            # Nobody has the other end any more; the shim tells the rest.
            asyncio.get_running_loop().remove_reader(spawned.terminal_fd)
            self._forget_untyped(spawned)

    def _read_reports(self, spawned: Spawned) -> None:
        for report in spawned.read_reports():
            if isinstance(report, Gone | Lost):
                self._end(spawned, report)
            else:
                self._alive[spawned](report)

    def _end(self, spawned: Spawned, report: Report) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(spawned.channel_fd)
        if isinstance(report, Lost):
            # Before what it printed is read to its end: it may print for ever.
            shim.end_orphans()
        if spawned.terminal_fd is not None:
            loop.remove_reader(spawned.terminal_fd)
            self._forget_untyped(spawned)
            for _ in range(_MOST_LAST_PIECES):
                if not (data := spawned.read_terminal()):
                    break
                self._on_output(data)
        on_report = self._alive.pop(spawned)
        spawned.close()
        on_report(report)
        if not self._alive:
            self._on_empty()

    def stop(self, signal: str, grace_ms: int) -> None:
        """Asks all of them to end, and makes them after that time."""
        for spawned in self._alive:
            spawned.stop(signal, grace_ms)

    def kill(self, *, spare: Spawned | None = None) -> None:
        """Makes all of them end, but for one."""
        for spawned in self._alive:
            if spawned is not spare:
                spawned.kill()

    def type_into(self, data: bytes) -> None:
        """Types something at the terminals of those that have one; what they do not take, later."""
        for spawned in self._alive:
            untyped = self._untyped.get(spawned)
            if untyped is not None:
                untyped += data[: _MOST_UNTYPED_BYTES - len(untyped)]
            elif spawned.terminal_fd is not None:
                self._untyped[spawned] = bytearray(data)
                asyncio.get_running_loop().add_writer(spawned.terminal_fd, self._type_on, spawned)
                self._type_on(spawned)

    def _type_on(self, spawned: Spawned) -> None:
        untyped = self._untyped[spawned]
        del untyped[: spawned.write_terminal(bytes(untyped[:_TYPED_AT_ONCE_BYTES]))]
        if not untyped:
            self._forget_untyped(spawned)

    def _forget_untyped(self, spawned: Spawned) -> None:
        if self._untyped.pop(spawned, None) is not None and spawned.terminal_fd is not None:
            asyncio.get_running_loop().remove_writer(spawned.terminal_fd)

    def resize(self, rows: int, columns: int) -> None:
        """The size of the terminals, now and of later programs."""
        self._size = (rows, columns)
        for spawned in self._alive:
            spawned.resize(rows, columns)
