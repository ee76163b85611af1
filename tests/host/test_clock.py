"""Waiting, being woken, and telling one boot from another."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock, HangUp, Waker, boot_id

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def waker() -> Generator[Waker]:
    made = Waker()
    yield made
    made.close()


def test_a_wait_ends_when_its_time_is_over(waker: Waker) -> None:
    clock = Clock()
    before = clock.monotonic_ns()
    assert clock.wait([waker], 20 * MILLISECOND_NS) == []
    assert clock.monotonic_ns() - before >= 20 * MILLISECOND_NS


def test_a_wait_of_less_than_a_millisecond_is_no_busy_loop(waker: Waker) -> None:
    clock = Clock()
    before = clock.monotonic_ns()
    assert clock.wait([waker], 1) == []
    assert clock.monotonic_ns() - before >= MILLISECOND_NS


def test_another_thread_ends_a_wait(waker: Waker) -> None:
    thread = threading.Thread(target=waker.wake)
    thread.start()
    assert Clock().wait([waker], None) == [waker]
    thread.join()
    assert waker.drain()
    assert not waker.drain()
    assert Clock().wait([waker], 0) == []


def test_a_waker_takes_any_number_of_calls(waker: Waker) -> None:
    for _ in range(100_000):
        waker.wake()
    assert Clock().wait([waker], 0) == [waker]
    assert waker.drain()


def test_a_closed_waker_may_still_be_called() -> None:
    waker = Waker()
    waker.close()
    waker.wake()


def test_a_signal_ends_a_wait(waker: Waker) -> None:
    def nothing(_number: int, _frame: object) -> None:
        """The descriptor is what wakes."""

    before = signal.signal(signal.SIGUSR1, nothing)
    woken = signal.set_wakeup_fd(waker.writing)
    try:
        timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert Clock().wait([waker], 20 * SECOND_NS) == [waker]
        timer.join()
    finally:
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGUSR1, before)


def test_a_pipe_hangs_up_when_its_reader_goes() -> None:
    reading, writing = os.pipe()
    hang_up = HangUp(writing)
    assert Clock().wait([hang_up], 0) == []
    os.close(reading)
    assert Clock().wait([hang_up], 20 * SECOND_NS) == [hang_up]
    os.close(writing)


def test_the_clocks_go_on() -> None:
    clock = Clock()
    times = [(clock.monotonic_ns(), clock.cpu_ns(), clock.now_ns() > 0) for _ in range(3)]
    assert times == sorted(times)


def test_the_boot_is_read_from_proc(tmp_path: Path) -> None:
    directory = tmp_path / "sys" / "kernel" / "random"
    directory.mkdir(parents=True)
    (directory / "boot_id").write_text("5f6d\n", encoding="ascii")
    assert boot_id(str(tmp_path)) == "5f6d"


def test_without_proc_the_boot_is_known_by_its_time(tmp_path: Path) -> None:
    found = boot_id(str(tmp_path))
    assert found.startswith("booted-")
    assert int(found.partition("-")[2]) > 0
