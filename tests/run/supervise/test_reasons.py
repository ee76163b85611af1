from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from homeport.model.running import Exited, Gone, Lost, NotStarted, Stage, Started, Unmet
from homeport.run.supervise.reasons import ending_words, unmet_words

if TYPE_CHECKING:
    from homeport.model.running import Report


@pytest.mark.parametrize("report", [Exited(0), Started(7), Gone()])
def test_what_is_well_needs_no_reason(report: Report) -> None:
    assert ending_words(report, "x") is None


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (Exited(3), "ended with status 3"),
        (Exited(3, over_memory=True), "ended with status 3, as it was over its limit of memory"),
        (Exited(126), "ended with status 126: what its command names cannot be executed"),
        (Exited(127), "ended with status 127: the shell has not found its command"),
        (Exited(None, 11, core=True), "was ended by SIGSEGV, and dumped core"),
        (Exited(None, 9), "was ended by SIGKILL (somebody killed it, or memory ran out)"),
        (
            Exited(None, 9, over_memory=True),
            "was ended by SIGKILL, as it was over its limit of memory",
        ),
        (Exited(None, 40), "was ended by signal 40"),
        (Lost(), "was ended, as the process that watched over it was killed"),
        (Gone(left=2), "left 2 processes that cannot be ended"),
        (NotStarted(Stage.SHIM, errno.EAGAIN), "no process could be made for it"),
        (NotStarted(Stage.USER, errno.EPERM), "its user cannot be taken on"),
        (NotStarted(Stage.LIMITS, errno.EINVAL), "one of its limits is refused"),
        (NotStarted(Stage.PROGRAM, errno.ENOENT), "x cannot be run: No such file or directory"),
        (NotStarted(Stage.INTERPRETER, 0), "the interpreter that x names is not there"),
    ],
)
def test_every_end_has_its_words(report: Report, words: str) -> None:
    assert (ending_words(report, "x") or "").startswith(words)


def test_every_stage_has_its_words() -> None:
    assert all(ending_words(NotStarted(stage, 0), "x") for stage in Stage)


def test_a_limit_that_is_not_in_force_is_named() -> None:
    words = unmet_words(Unmet("memory_bytes", "this user may not make a cgroup here"))
    assert words == ("its limit of memory is not in force: this user may not make a cgroup here")
