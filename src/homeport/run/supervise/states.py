"""What a service does next: a pure function of its state and of what happened, as a table.

Whoever drives it carries the commands out and tells what comes of them. STOP may be commanded at
any moment of a run, also when no program runs: the driver ends what there is of the run (program,
steps, probes, timers) and then tells GONE, exactly once. EXITED and NOT_STARTED are followed by
GONE, too, when nothing of the program is left. After CANCEL and STOP no event of what was cancelled
(steps, probes, health, timer) is told.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple
from homeport.model.route import ServiceState
from homeport.model.service import SECOND_MS, Restart


class Phase(StrEnum):
    """Where a service is.

    NEEDING: waits for what it needs. PREPARING: steps before it run. SPAWNING: the program is being
    started. PROBING: it runs and is not ready. FINISHING: it answers, and steps after that run.
    READY, UNHEALTHY: it serves; its health check fails. DYING: its program ended by itself, and
    what is left of it is being ended. FAILING: it is ended because it did not become ready; that
    is not tried again, somebody has to look. STOPPING: it was asked to end. RESTARTING: the same,
    to start again. WAITING: for its next start. STOPPED, FAILED, DONE: at rest.
    """

    STOPPED = "stopped"
    NEEDING = "needing"
    PREPARING = "preparing"
    SPAWNING = "spawning"
    PROBING = "probing"
    FINISHING = "finishing"
    READY = "ready"
    UNHEALTHY = "unhealthy"
    DYING = "dying"
    FAILING = "failing"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"


class Event(StrEnum):
    """What happens.

    START, STOP, RESTART are wanted by somebody; a second STOP is impatience. NEEDS_READY: all that
    it needs is ready; NEEDS_FAILED: it will not be. STEPS_DONE, STEPS_FAILED: of those that were
    last commanded. SPAWNED, NOT_STARTED, EXITED_OK, EXITED_FAILED, GONE come from the shim (GONE
    also for its loss, when all is ended). PROBE_OK, READY_TIMEOUT from the probe of readiness;
    HEALTHY, UNHEALTHY from the watch over health. BACK_OFF_OVER from the timer. AGAIN, GIVEN_UP
    and FINISHED are what GONE means after a death, which the policy decides: they are not told.
    """

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    NEEDS_READY = "needs ready"
    NEEDS_FAILED = "needs failed"
    STEPS_DONE = "steps done"
    STEPS_FAILED = "steps failed"
    SPAWNED = "spawned"
    NOT_STARTED = "not started"
    PROBE_OK = "probe ok"
    READY_TIMEOUT = "ready timeout"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    EXITED_OK = "exited with success"
    EXITED_FAILED = "exited with failure"
    GONE = "gone"
    BACK_OFF_OVER = "back-off over"
    AGAIN = "gone, again"
    GIVEN_UP = "gone, given up"
    FINISHED = "gone, done"


class Command(StrEnum):
    """What the driver has to do, in this order.

    AWAIT_NEEDS: tell NEEDS_READY once they are. RUN_BEFORE, RUN_AFTER: run the steps, one after the
    other; none is done at once. SPAWN: start the program. PROBE: see when it is ready. WATCH: its
    health, if there is a check. BACK_OFF: wait `State.back_off_ms`. CANCEL: end needs, steps,
    probes, health and timer. STOP: CANCEL, and ask the program to end. KILL: do not wait for it.
    """

    AWAIT_NEEDS = "await needs"
    RUN_BEFORE = "run steps before"
    SPAWN = "spawn"
    PROBE = "probe"
    RUN_AFTER = "run steps after"
    WATCH = "watch health"
    BACK_OFF = "back off"
    CANCEL = "cancel"
    STOP = "stop"
    KILL = "kill"


class Policy(NamedTuple):
    """When a service that died is started again, and how soon.

    The first time after `first_ms`, then after twice the time before, at most `longest_ms`. One
    that was ready for `well_ms` before it died begins anew; one that dies more than `most_deaths`
    times without that is given up.
    """

    restart: Restart = Restart.ON_FAILURE
    first_ms: int = 100
    longest_ms: int = 30 * SECOND_MS
    well_ms: int = 10 * SECOND_MS
    most_deaths: int = 5


class State(NamedTuple):
    """A service's phase, and what the policy needs to know.

    `deaths` are those in a row. `ready_ms` is when it became ready in this run. `ended_ok` says how
    its program ended last, None where it has not. `back_off_ms` is how long to wait in WAITING.
    """

    phase: Phase = Phase.STOPPED
    deaths: int = 0
    ready_ms: int | None = None
    ended_ok: bool | None = None
    back_off_ms: int = 0

    @property
    def shown(self) -> ServiceState:
        """As people are told."""
        return SHOWN[self.phase]


SHOWN = {
    Phase.STOPPED: ServiceState.STOPPED,
    Phase.NEEDING: ServiceState.STARTING,
    Phase.PREPARING: ServiceState.STARTING,
    Phase.SPAWNING: ServiceState.STARTING,
    Phase.PROBING: ServiceState.STARTING,
    Phase.FINISHING: ServiceState.STARTING,
    Phase.READY: ServiceState.READY,
    Phase.UNHEALTHY: ServiceState.UNHEALTHY,
    Phase.DYING: ServiceState.STOPPING,
    Phase.FAILING: ServiceState.STOPPING,
    Phase.STOPPING: ServiceState.STOPPING,
    Phase.RESTARTING: ServiceState.STOPPING,
    Phase.WAITING: ServiceState.WAITING,
    Phase.FAILED: ServiceState.FAILED,
    Phase.DONE: ServiceState.DONE,
}
"""Each phase as people are told."""

TOLD = frozenset(Event) - {Event.AGAIN, Event.GIVEN_UP, Event.FINISHED}
"""The events that a driver tells."""

RUNNING = (Phase.SPAWNING, Phase.PROBING, Phase.FINISHING, Phase.READY, Phase.UNHEALTHY)
"""Where the program runs, and nobody has asked it to end."""

RESTING = (Phase.STOPPED, Phase.FAILED, Phase.DONE)
"""Where nothing runs, and nothing will by itself."""

_Row = tuple[Phase, tuple[Command, ...]]

TABLE: dict[tuple[Phase, Event], _Row] = {
    **{
        (phase, event): (Phase.NEEDING, (Command.AWAIT_NEEDS,))
        for phase in RESTING
        for event in (Event.START, Event.RESTART)
    },
    (Phase.NEEDING, Event.NEEDS_READY): (Phase.PREPARING, (Command.RUN_BEFORE,)),
    (Phase.NEEDING, Event.NEEDS_FAILED): (Phase.FAILED, (Command.CANCEL,)),
    (Phase.NEEDING, Event.STOP): (Phase.STOPPED, (Command.CANCEL,)),
    (Phase.PREPARING, Event.STEPS_DONE): (Phase.SPAWNING, (Command.SPAWN,)),
    (Phase.PREPARING, Event.STEPS_FAILED): (Phase.FAILING, (Command.STOP,)),
    (Phase.SPAWNING, Event.SPAWNED): (Phase.PROBING, (Command.PROBE,)),
    (Phase.SPAWNING, Event.NOT_STARTED): (Phase.FAILING, (Command.CANCEL,)),
    (Phase.PROBING, Event.PROBE_OK): (Phase.FINISHING, (Command.RUN_AFTER,)),
    (Phase.PROBING, Event.READY_TIMEOUT): (Phase.FAILING, (Command.STOP,)),
    (Phase.FINISHING, Event.STEPS_DONE): (Phase.READY, (Command.WATCH,)),
    (Phase.FINISHING, Event.STEPS_FAILED): (Phase.FAILING, (Command.STOP,)),
    (Phase.READY, Event.UNHEALTHY): (Phase.UNHEALTHY, ()),
    (Phase.UNHEALTHY, Event.HEALTHY): (Phase.READY, ()),
    **{
        (phase, event): (Phase.DYING, (Command.CANCEL,))
        for phase in RUNNING
        for event in (Event.EXITED_OK, Event.EXITED_FAILED)
    },
    **{(phase, Event.STOP): (Phase.STOPPING, (Command.STOP,)) for phase in RUNNING},
    **{(phase, Event.RESTART): (Phase.RESTARTING, (Command.STOP,)) for phase in RUNNING},
    (Phase.PREPARING, Event.STOP): (Phase.STOPPING, (Command.STOP,)),
    (Phase.PREPARING, Event.RESTART): (Phase.RESTARTING, (Command.STOP,)),
    (Phase.DYING, Event.AGAIN): (Phase.WAITING, (Command.BACK_OFF,)),
    (Phase.DYING, Event.GIVEN_UP): (Phase.FAILED, ()),
    (Phase.DYING, Event.FINISHED): (Phase.DONE, ()),
    (Phase.FAILING, Event.GONE): (Phase.FAILED, ()),
    **{
        (phase, event): row
        for phase in (Phase.DYING, Phase.FAILING)
        for event, row in (
            (Event.STOP, (Phase.STOPPING, (Command.STOP,))),
            (Event.START, (Phase.RESTARTING, ())),
            (Event.RESTART, (Phase.RESTARTING, (Command.STOP,))),
        )
    },
    (Phase.STOPPING, Event.GONE): (Phase.STOPPED, ()),
    (Phase.STOPPING, Event.STOP): (Phase.STOPPING, (Command.KILL,)),
    (Phase.STOPPING, Event.START): (Phase.RESTARTING, ()),
    (Phase.STOPPING, Event.RESTART): (Phase.RESTARTING, ()),
    (Phase.RESTARTING, Event.GONE): (Phase.NEEDING, (Command.AWAIT_NEEDS,)),
    (Phase.RESTARTING, Event.STOP): (Phase.STOPPING, ()),
    (Phase.WAITING, Event.BACK_OFF_OVER): (Phase.NEEDING, (Command.AWAIT_NEEDS,)),
    (Phase.WAITING, Event.START): (Phase.NEEDING, (Command.CANCEL, Command.AWAIT_NEEDS)),
    (Phase.WAITING, Event.RESTART): (Phase.NEEDING, (Command.CANCEL, Command.AWAIT_NEEDS)),
    (Phase.WAITING, Event.STOP): (Phase.STOPPED, (Command.CANCEL,)),
}
"""What follows from each phase and event: the next phase, and what is done."""

_OF_THE_PROGRAM = frozenset(
    {Event.SPAWNED, Event.NOT_STARTED, Event.EXITED_OK, Event.EXITED_FAILED}
)

IGNORED: dict[Phase, frozenset[Event]] = {
    # There is nothing to be stopped.
    **dict.fromkeys(RESTING, frozenset({Event.STOP})),
    # It is started already, or about to be.
    Phase.NEEDING: frozenset({Event.START, Event.RESTART}),
    **dict.fromkeys((Phase.PREPARING, *RUNNING), frozenset({Event.START})),
    Phase.READY: frozenset({Event.START, Event.HEALTHY}),
    Phase.UNHEALTHY: frozenset({Event.START, Event.UNHEALTHY}),
    # What the program tells while it is made to end changes nothing: GONE follows.
    Phase.DYING: _OF_THE_PROGRAM,
    Phase.FAILING: _OF_THE_PROGRAM,
    Phase.STOPPING: _OF_THE_PROGRAM,
    Phase.RESTARTING: _OF_THE_PROGRAM | {Event.START, Event.RESTART},
}
"""What may well be told in a phase, and changes nothing there.

A pair that is in neither table cannot happen where the driver keeps its law, and raises.
"""

_ASKED = (Event.START, Event.STOP, Event.RESTART)


def react(
    state: State, event: Event, *, policy: Policy, now_ms: int
) -> tuple[State, tuple[Command, ...]]:
    """The next state, and what is to be done. `now_ms` is of a clock that never jumps.

    Raises `AssertionError` for what cannot happen, a bug of the driver.
    """
    if event in IGNORED.get(state.phase, ()):
        return state, ()
    if state.phase is Phase.DYING and event is Event.GONE:
        deaths = _deaths_in_a_row(state, policy, now_ms)
        event = _judged(state, policy, deaths)
        state = state._replace(deaths=deaths, back_off_ms=_back_off_ms(policy, deaths))
    row = TABLE.get((state.phase, event))
    if row is None:
        raise AssertionError(f"{event} told in {state.phase}")
    phase, commands = row
    return _remembering(state, event, now_ms)._replace(phase=phase), commands


def _remembering(state: State, event: Event, now_ms: int) -> State:
    """The state with what the policy will have to know of the event."""
    if event in _ASKED:
        return state._replace(deaths=0, back_off_ms=0)
    if event is Event.SPAWNED:
        return state._replace(ready_ms=None, ended_ok=None)
    if event is Event.STEPS_DONE and state.phase is Phase.FINISHING:
        return state._replace(ready_ms=now_ms)
    if event in {Event.EXITED_OK, Event.EXITED_FAILED}:
        return state._replace(ended_ok=event is Event.EXITED_OK)
    return state


def _deaths_in_a_row(state: State, policy: Policy, now_ms: int) -> int:
    was_well = state.ready_ms is not None and now_ms - state.ready_ms >= policy.well_ms
    return 1 if was_well else state.deaths + 1


def _judged(state: State, policy: Policy, deaths: int) -> Event:
    """What it means that a program which nobody stopped is gone."""
    if policy.restart is Restart.NEVER or (state.ended_ok and policy.restart is not Restart.ALWAYS):
        return Event.FINISHED if state.ended_ok else Event.GIVEN_UP
    return Event.AGAIN if deaths <= policy.most_deaths else Event.GIVEN_UP


def _back_off_ms(policy: Policy, deaths: int) -> int:
    # The exponent is bounded as well: with many deaths allowed it would make huge numbers.
    return min(policy.longest_ms, policy.first_ms << min(deaths - 1, 32))
