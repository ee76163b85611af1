from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus
from homeport.run.supervise import guarding
from homeport.run.supervise.guarding import Failures, GuardedAudience
from homeport.run.supervise.tasks import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Closed:
    """An audience whose terminal is gone after some words."""

    def __init__(self, most: int) -> None:
        self.heard = 0
        self._most = most

    def _hear(self) -> None:
        if self.heard >= self._most:
            raise BrokenPipeError("gone")
        self.heard += 1

    def line(self, service: str, text: str) -> None:
        del service, text
        self._hear()

    def change(self, status: ServiceStatus) -> None:
        del status
        self._hear()

    def settled(self, status: ProjectStatus) -> None:
        del status
        self._hear()

    def waiting(self, what: str) -> None:
        del what
        self._hear()


def test_an_audience_that_is_gone_is_told_nothing_more_and_ends_all_once() -> None:
    async def told() -> tuple[int, int, OSError | None]:
        audience, ends = Closed(3), list[int]()
        guarded = GuardedAudience(audience, lambda: ends.append(1))
        guarded.line("web", "x")
        guarded.change(ServiceStatus("web", ServiceState.READY, 0))
        guarded.settled(ProjectStatus("shop", "/", None, "x", 1, ()))
        for _ in range(3):
            guarded.line("web", "y")
        assert ends == []  # not within what was happening
        await asyncio.sleep(0)
        return audience.heard, len(ends), guarded.error

    heard, ended, error = asyncio.run(told())
    assert (heard, ended) == (3, 1)
    assert isinstance(error, BrokenPipeError)


async def broken() -> None:
    raise AssertionError("a bug")


def after(break_it: Callable[[], None]) -> tuple[list[str], BaseException | None]:
    """What is called once something has gone wrong in a loop."""
    called: list[str] = []

    async def work() -> BaseException | None:
        failures = Failures(lambda: called.append("end"), lambda: called.append("give up"))
        break_it()
        for _ in range(4):
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        return failures.first

    first = asyncio.run(work())
    return called, first


def test_what_a_callback_raises_is_shown_and_ends_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        for error in (KeyError("first"), ValueError("second")):
            asyncio.get_running_loop().call_soon(_raise, error)

    monkeypatch.setattr(guarding, "_LONGEST_END_S", 0.001)
    called, first = after(fail)
    assert called == ["end", "give up"]
    assert isinstance(first, KeyError)
    shown = capsys.readouterr().err
    assert "KeyError: 'first'" in shown
    assert "ValueError: second" in shown


def _raise(error: Exception) -> None:
    raise error


def test_what_a_task_raises_is_a_failure_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    tasks: set[asyncio.Task[None]] = set()
    called, first = after(lambda: begin(broken(), tasks))
    assert called == ["end"]
    assert isinstance(first, AssertionError)
    assert tasks == set()
    assert "a bug" in capsys.readouterr().err


def test_a_task_that_is_cancelled_is_none() -> None:
    tasks: set[asyncio.Task[None]] = set()

    def cancel() -> None:
        begin(asyncio.sleep(60), tasks)
        next(iter(tasks)).cancel()

    assert after(cancel) == ([], None)


def test_what_is_told_without_an_exception_is_only_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = {"message": "something odd"}
    called, first = after(lambda: asyncio.get_running_loop().call_exception_handler(context))
    assert (called, first) == ([], None)
    assert "something odd" in caplog.text
