"""Why a service is not well, in words: a clause that goes after its name."""

from __future__ import annotations

import os
import signal

from homeport.model.running import Exited, Gone, Lost, NotStarted, Stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.running import Report, Unmet

_AT = {
    Stage.SHIM: "no process could be made for it",
    Stage.LIMITS: "one of its limits is refused",
    Stage.USER: "its user cannot be taken on",
    Stage.DIRECTORY: "its directory cannot be used",
    Stage.PROGRAM: "{program} cannot be run",
    Stage.INTERPRETER: "the interpreter that {program} names is not there",
}
_MEANINGS = {
    126: "what its command names cannot be executed",
    127: "the shell has not found its command",
}


TOO_EARLY = "ended, with status 0, before it was ready"
"""Of a server that has gone into the background, or of a task that was taken for a server."""


def ending_words(report: Report, program: str) -> str | None:
    """Why a program ended; None where that was with success, or it has not."""
    match report:
        case Exited(code=0):
            return None
        case Exited():
            return _exit_words(report)
        case NotStarted():
            return _not_started_words(report, program)
        case Lost():
            return "was ended, as the process that watched over it was killed"
        case Gone(left=left) if left:
            return f"left {left} processes that cannot be ended"
    return None


def _exit_words(report: Exited) -> str:
    over = ", as it was over its limit of memory" if report.over_memory else ""
    if report.signal is None:
        meaning = _MEANINGS.get(report.code or 0)
        return f"ended with status {report.code}" + (f": {meaning}" if meaning else over)
    try:
        name = signal.Signals(report.signal).name
    except ValueError:
        name = f"signal {report.signal}"
    dumped = ", and dumped core" if report.core else ""
    # The kernel tells nobody why; for want of memory is the most frequent cause.
    killed = " (somebody killed it, or memory ran out)" if name == "SIGKILL" else ""
    return f"was ended by {name}{over or killed}{dumped}"


def _not_started_words(report: NotStarted, program: str) -> str:
    words = _AT[report.stage].format(program=program)
    return f"{words}: {os.strerror(report.errno)}" if report.errno else words


def unmet_words(unmet: Unmet) -> str:
    """A limit that is not in force."""
    limit = unmet.limit.removesuffix("_bytes").replace("_", " ")
    return f"its limit of {limit} is not in force: {unmet.why}"
