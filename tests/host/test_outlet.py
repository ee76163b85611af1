from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from homeport.host.outlet import Outlet, outlet
from tests.support import socket_ends, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path
    from typing import TypeAlias

    Ends: TypeAlias = Callable[[], tuple[int, int]]

MANY = bytes(range(256)) * 4096
"""More than a pipe holds, or a socket."""


both = pytest.mark.parametrize("ends", [os.pipe, socket_ends])


@contextmanager
def opened(ends: Ends = os.pipe) -> Generator[tuple[int, Outlet]]:
    """The end to read from, and an outlet to the other one, which blocks."""
    with ExitStack() as stack:
        reading, writing = ends()
        stack.callback(os.close, reading)
        stack.callback(os.close, writing)
        made = outlet(writing)
        assert made is not None
        yield reading, stack.enter_context(closing(made))
        assert os.get_blocking(writing)


def read(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(descriptor, size - len(data))
    return data


@both
def test_what_nobody_reads_is_kept_and_sent_on_from_the_loop(ends: Ends) -> None:
    async def told(reading: int, made: Outlet) -> bytes:
        sent = asyncio.Event()
        made.on_sent = sent.set
        assert made.write(MANY) == len(MANY)
        assert made.unsent > 0
        made.write(b"and more")  # keeps its place
        await asyncio.sleep(0)
        assert not sent.is_set()
        got = await asyncio.to_thread(read, reading, len(MANY) + 8)
        await asyncio.wait_for(sent.wait(), 20)
        assert made.unsent == 0
        return got

    with opened(ends) as (reading, made):
        assert asyncio.run(told(reading, made)) == MANY + b"and more"


@both
def test_what_is_left_after_the_loop_is_waited_for(ends: Ends) -> None:
    async def tell(made: Outlet) -> None:
        made.write(MANY)

    with opened(ends) as (reading, made):
        asyncio.run(tell(made))
        child = os.fork()
        if not child:
            os._exit(0 if read(reading, len(MANY)) == MANY else 1)
        made.drain()
        assert made.unsent == 0
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@both
def test_without_a_loop_it_waits_as_any_file(ends: Ends) -> None:
    with opened(ends) as (reading, made):
        child = os.fork()
        if not child:
            os._exit(0 if read(reading, len(MANY)) == MANY else 1)
        made.write(MANY)
        assert made.unsent == 0
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@both
def test_a_reader_that_goes_is_told_of_by_the_next_write(ends: Ends) -> None:
    async def tell(made: Outlet, reading: int) -> None:
        made.write(MANY)
        os.close(reading)
        while made.unsent:  # noqa: ASYNC110 - it tells of what was sent, not of what was lost
            await asyncio.sleep(0)
        with pytest.raises(BrokenPipeError):
            made.write(b"x")

    reading, writing = ends()
    made = outlet(writing)
    os.close(writing)
    assert made is not None
    with closing(made):
        asyncio.run(asyncio.wait_for(tell(made, reading), 20))
        with pytest.raises(BrokenPipeError):
            made.drain()


def test_one_that_is_closed_writes_to_nobody() -> None:
    with opened() as (reading, made):
        made.close()
        made.close()
        with pytest.raises(ValueError, match="closed"):
            made.write(b"x")
        os.set_blocking(reading, False)
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)


def test_a_terminal_whose_output_is_stopped() -> None:
    async def told(ours: int, made: Outlet) -> None:
        made.write(b"x" * 100_000)
        assert made.unsent > 0
        while made.unsent:
            with suppress(BlockingIOError):  # the rest comes from this very loop
                os.read(ours, 1 << 16)
            await asyncio.sleep(0)

    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    try:
        made = outlet(theirs)
        assert made is not None
        with closing(made):
            asyncio.run(asyncio.wait_for(told(ours, made), 20))
        assert not fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK
    finally:
        os.close(ours)
        os.close(theirs)


def test_files_have_none(tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        assert outlet(file.fileno()) is None
    assert outlet(-1) is None


def test_a_closed_loop_is_no_obstacle() -> None:
    with opened() as (reading, made):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(_write(made))
        loop.close()
        child = os.fork()
        if not child:
            os._exit(0 if len(read(reading, len(MANY))) == len(MANY) else 1)
        made.drain()
        wait_until(lambda: os.waitpid(child, os.WNOHANG)[0] == child)


async def _write(made: Outlet) -> None:
    made.write(MANY)
