"""Ending the processes that hold a listener: what is planned, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.model.sockets import Listener


class Stage(StrEnum):
    """How far the ending of one process has come; the last four are final."""

    WAITING = "waiting"
    ASKED = "asked"
    FORCED = "forced"
    ENDED = "ended"
    KILLED = "killed"
    REFUSED = "refused"
    SURVIVED = "survived"


class Plan(NamedTuple):
    """Which processes have to end for listeners to close.

    `first` are asked before `then`, which are their descendants that hold the same sockets: a
    master may take its workers along, and would replace one that ended before it. `staying` hold
    the sockets too and are left alone. `notes` are sentences that somebody should read before
    agreeing: who may start the process again, for instance.
    """

    asked: str
    listeners: tuple[Listener, ...]
    first: tuple[Process, ...]
    then: tuple[Process, ...] = ()
    staying: tuple[Process, ...] = ()
    notes: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What became of one process."""

    process: Process
    stage: Stage


class Ending(NamedTuple):
    """What a plan has led to; `remaining` are the planned listeners that are open still, or again.

    Their owners are those that hold them now.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    remaining: tuple[Listener, ...]
