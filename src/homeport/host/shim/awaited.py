"""A program that is run to its end within an event loop: a step, or the look of a command."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.host.shim.spawned import spawn
from homeport.model.running import Exited, Gone, Lost, NotStarted

if TYPE_CHECKING:
    from homeport.host.shim.spawned import Spawned
    from homeport.model.running import Program, Report

MOST_OUTPUT = 1 << 14


async def run_to_end(
    program: Program, *, most_output: int = MOST_OUTPUT
) -> tuple[Exited | NotStarted | Lost, bytes]:
    """How a program ended, nothing of it being left, and the end of what it printed.

    Nobody types. Whoever cancels this ends the program, and waits for that a few milliseconds.
    """
    with spawn(program) as spawned:
        return await _Following(spawned, most_output).end()


class _Following:
    def __init__(self, spawned: Spawned, most_output: int) -> None:
        self._spawned = spawned
        self._most_output = most_output
        self._outcome: Exited | NotStarted | Lost = Lost()
        self._printed = b""
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()

    async def end(self) -> tuple[Exited | NotStarted | Lost, bytes]:
        """Waits for it."""
        sources = [self._spawned.channel_fd]
        self._loop.add_reader(self._spawned.channel_fd, self._hear)
        if (terminal := self._spawned.terminal_fd) is not None:
            sources.append(terminal)
            self._loop.add_reader(terminal, self._read, terminal)
        try:
            await self._over
        finally:
            for source in sources:
                self._loop.remove_reader(source)
        self._drain()
        return self._outcome, self._printed

    def _hear(self) -> None:
        for report in self._spawned.read_reports():
            self._take(report)

    def _take(self, report: Report) -> None:
        if isinstance(report, Exited | NotStarted | Lost):
            self._outcome = report
        if isinstance(report, Gone | Lost) and not self._over.done():
            self._over.set_result(None)

    def _read(self, terminal: int) -> None:
        data = self._spawned.read_terminal()
        if data is None:
            self._loop.remove_reader(terminal)
        else:
            self._printed = (self._printed + data)[-self._most_output :]

    def _drain(self) -> None:
        while data := self._spawned.read_terminal():
            self._printed = (self._printed + data)[-self._most_output :]
