from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import HomeportError
from homeport.model.running import Exited, Gone, Lost, NotStarted, Stage, Started
from homeport.model.service import Step
from homeport.run.supervise.steps import run_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from homeport.model.running import Report

ONE, TWO = Step("making it", ("make", "it")), Step("telling it", ("tell", "it"))


def outcome(*reports: Report | HomeportError, steps: tuple[Step, ...] = (ONE, TWO)) -> str | None:
    """What comes of steps that are told these things, one each."""
    left, said = list(reports), list[str]()

    def run(step: Step, on_report: Callable[[Report], None]) -> None:
        report = left.pop(0)
        if isinstance(report, HomeportError):
            raise report
        for each in (Started(7), report, Gone()):
            asyncio.get_running_loop().call_soon(on_report, each)

    failure = asyncio.run(run_steps(steps, run, said.append))
    assert said == [step.what for step in steps][: len(reports)]
    return failure


def test_all_of_them_are_run_in_order() -> None:
    assert outcome(Exited(0), Exited(0)) is None


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (Exited(3), "making it ended with status 3"),
        (Exited(None, 9), "making it was ended by SIGKILL"),
        (NotStarted(Stage.PROGRAM, 2), "making it make cannot be run: No such file"),
        (Lost(), "making it was ended, as the process that watched over it was killed"),
        (HomeportError("no terminal"), "making it cannot be done: no terminal"),
    ],
)
def test_after_one_that_fails_no_other_is_run(report: Report | HomeportError, words: str) -> None:
    assert (outcome(report) or "").startswith(words)


def test_one_whose_file_is_there_is_done(tmp_path: Path) -> None:
    (tmp_path / "done").touch()
    done = ONE._replace(unless=str(tmp_path / "done"))
    undone = ONE._replace(unless=str(tmp_path / "not"))
    assert outcome(steps=(done,)) is None
    assert outcome(Exited(1), steps=(undone,)) == "making it ended with status 1"


def test_one_that_does_not_end_in_its_time_has_failed() -> None:
    slow = ONE._replace(timeout_ms=10)
    failure = asyncio.run(run_steps((slow,), lambda *_: None, lambda _: None))
    assert failure == "making it has not ended within 0.01 s"
