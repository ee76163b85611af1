from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.model.route import ServiceState
from homeport.model.service import Restart
from homeport.run.supervise.states import (
    IGNORED,
    RESTING,
    SHOWN,
    TABLE,
    TOLD,
    Command,
    Event,
    Phase,
    Policy,
    State,
    react,
)

POLICY = Policy(first_ms=100, longest_ms=1000, well_ms=5000, most_deaths=3)

UP = (
    Event.START,
    Event.NEEDS_READY,
    Event.STEPS_DONE,
    Event.SPAWNED,
    Event.PROBE_OK,
    Event.STEPS_DONE,
)


def run(
    *events: Event, state: State | None = None, policy: Policy = POLICY, now_ms: int = 0
) -> tuple[State, list[Command]]:
    """The state after these events, and all commands on the way."""
    state = state or State()
    commands: list[Command] = []
    for event in events:
        state, more = react(state, event, policy=policy, now_ms=now_ms)
        commands += more
    return state, commands


def test_a_service_comes_up_step_by_step() -> None:
    state, commands = run(*UP)
    assert state.shown is ServiceState.READY
    assert commands == [
        Command.AWAIT_NEEDS,
        Command.RUN_BEFORE,
        Command.SPAWN,
        Command.PROBE,
        Command.RUN_AFTER,
        Command.WATCH,
    ]


def test_a_stop_ends_stopped_and_a_second_one_kills() -> None:
    state, commands = run(Event.STOP, Event.STOP, state=run(*UP)[0])
    assert (state.phase, commands) == (Phase.STOPPING, [Command.STOP, Command.KILL])
    state, _ = run(Event.EXITED_FAILED, Event.GONE, state=state)
    assert state.phase is Phase.STOPPED


def test_a_failure_is_tried_again_after_twice_the_time_and_then_given_up() -> None:
    state, waits = run(*UP)[0], []
    while state.phase is not Phase.FAILED:
        state, _ = run(Event.EXITED_FAILED, Event.GONE, state=state)
        if state.phase is Phase.WAITING:
            waits.append(state.back_off_ms)
            state, _ = run(Event.BACK_OFF_OVER, *UP[1:], state=state)
    assert waits == [100, 200, 400]


def test_having_been_well_for_a_while_begins_anew() -> None:
    tired = State(deaths=3)
    state, _ = run(*UP[1:], state=tired._replace(phase=Phase.NEEDING), now_ms=0)
    state, _ = run(Event.EXITED_FAILED, Event.GONE, state=state, now_ms=POLICY.well_ms)
    assert (state.phase, state.deaths, state.back_off_ms) == (Phase.WAITING, 1, 100)


def test_a_success_ends_it_unless_it_is_always_restarted() -> None:
    ended = (*UP, Event.EXITED_OK, Event.GONE)
    assert run(*ended)[0].phase is Phase.DONE
    always = POLICY._replace(restart=Restart.ALWAYS)
    assert run(*ended, policy=always)[0].phase is Phase.WAITING
    never = POLICY._replace(restart=Restart.NEVER)
    assert run(*UP, Event.EXITED_FAILED, Event.GONE, policy=never)[0].phase is Phase.FAILED


@pytest.mark.parametrize(
    "events",
    [
        (*UP[:2], Event.STEPS_FAILED),
        (*UP[:3], Event.NOT_STARTED),
        (*UP[:4], Event.READY_TIMEOUT),
        (*UP[:5], Event.STEPS_FAILED),
    ],
)
def test_what_does_not_become_ready_is_ended_and_not_tried_again(events: tuple[Event, ...]) -> None:
    state, commands = run(*events)
    assert state.phase is Phase.FAILING
    assert commands[-1] in {Command.STOP, Command.CANCEL}
    assert run(Event.GONE, state=state)[0].phase is Phase.FAILED


def test_a_restart_starts_only_what_is_gone() -> None:
    state, commands = run(Event.RESTART, state=run(*UP)[0])
    assert (state.phase, commands) == (Phase.RESTARTING, [Command.STOP])
    state, commands = run(Event.EXITED_OK, Event.GONE, state=state)
    assert (state.phase, commands) == (Phase.NEEDING, [Command.AWAIT_NEEDS])


def test_ill_health_is_told_and_passes() -> None:
    state, _ = run(*UP, Event.UNHEALTHY)
    assert state.shown is ServiceState.UNHEALTHY
    assert run(Event.HEALTHY, state=state)[0].shown is ServiceState.READY


def test_no_pair_is_both_in_the_table_and_ignored() -> None:
    assert not [
        (phase, event)
        for phase, event in TABLE
        if event in IGNORED.get(phase, ()) and (phase, event) in TABLE
    ]
    assert SHOWN.keys() == set(Phase)


def test_what_cannot_happen_is_a_bug_and_says_so() -> None:
    with pytest.raises(AssertionError, match="probe ok told in stopped"):
        run(Event.PROBE_OK)


class World:
    """A driver that keeps its law, in which whatever may happen next is drawn at random."""

    def __init__(self) -> None:
        self.state = State()
        self.program = False
        self.run = False
        self.steps = self.probe = self.needs = self.timer = self.watch = self.spawning = False
        self.now_ms = 0
        self.after_done = False
        self.spawned = 0

    def possible(self) -> list[Event]:
        """What can happen now, first of all what people may want at any time."""
        found = [Event.START, Event.STOP, Event.RESTART]
        found += [Event.NEEDS_READY, Event.NEEDS_FAILED] * self.needs
        found += [Event.STEPS_DONE, Event.STEPS_FAILED] * self.steps
        found += [Event.SPAWNED, Event.NOT_STARTED] * self.spawning
        found += [Event.PROBE_OK, Event.READY_TIMEOUT] * self.probe
        found += [Event.HEALTHY, Event.UNHEALTHY] * self.watch
        found += [Event.EXITED_OK, Event.EXITED_FAILED] * self.program
        found += [Event.BACK_OFF_OVER] * self.timer
        ending = {Phase.DYING, Phase.FAILING, Phase.STOPPING, Phase.RESTARTING}
        gone = not self.program and not self.spawning and self.state.phase in ending
        return found + [Event.GONE] * gone

    def happens(self, event: Event) -> None:
        """The event, its effect on the world, and the commands that follow."""
        before = self.state.phase
        if event in {Event.NEEDS_READY, Event.NEEDS_FAILED}:
            self.needs = False
        if event in {Event.STEPS_DONE, Event.STEPS_FAILED}:
            self.steps = False
            self.after_done = before is Phase.FINISHING and event is Event.STEPS_DONE
        if event in {Event.SPAWNED, Event.NOT_STARTED}:
            self.spawning, self.program = False, event is Event.SPAWNED
        if event in {Event.PROBE_OK, Event.READY_TIMEOUT}:
            self.probe = False
        if event in {Event.EXITED_OK, Event.EXITED_FAILED}:
            self.program = False
        if event is Event.BACK_OFF_OVER:
            self.timer = False
        self.state, commands = react(self.state, event, policy=POLICY, now_ms=self.now_ms)
        for command in commands:
            self.obey(command)

    def obey(self, command: Command) -> None:
        """Carries a command out, and holds the law that comes with it."""
        idle = not (self.program or self.spawning or self.steps)
        if command is Command.AWAIT_NEEDS:
            assert idle
            self.needs = True
        elif command is Command.RUN_BEFORE:
            assert idle
            self.steps = True
        elif command is Command.SPAWN:
            assert idle, "never two programs at once"
            self.spawning, self.after_done = True, False
            self.spawned += 1
        elif command is Command.PROBE:
            assert self.program
            self.probe = True
        elif command is Command.RUN_AFTER:
            assert self.program
            self.steps = True
        elif command is Command.WATCH:
            assert self.program
            self.watch = True
        elif command is Command.BACK_OFF:
            assert idle
            assert POLICY.first_ms <= self.state.back_off_ms <= POLICY.longest_ms
            self.timer = True
        elif command in {Command.CANCEL, Command.STOP}:
            self.needs = self.steps = self.probe = self.timer = self.watch = False
        else:
            assert command is Command.KILL

    def check(self) -> None:
        """What must hold between any two events."""
        if self.state.shown in {ServiceState.READY, ServiceState.UNHEALTHY}:
            assert self.program
            assert self.after_done
        if self.state.phase in {*RESTING, Phase.WAITING, Phase.NEEDING}:
            busy = (self.program, self.spawning, self.steps, self.probe, self.watch)
            assert not any(busy)
        assert self.timer == (self.state.phase is Phase.WAITING)
        assert self.needs == (self.state.phase is Phase.NEEDING)
        assert self.state.deaths <= POLICY.most_deaths + 1


@given(st.data())
@settings(deadline=None, max_examples=settings().max_examples * 3 // 2)
def test_whatever_happens_the_law_holds(data: st.DataObject) -> None:
    world = World()
    for _ in range(data.draw(st.integers(0, 60))):
        world.now_ms += data.draw(st.sampled_from((0, 1, 6000)))
        world.happens(data.draw(st.sampled_from(world.possible())))
        world.check()
    _comes_to_rest(data, world)


def _comes_to_rest(data: st.DataObject, world: World) -> None:
    """After a stop, whatever else the world does, it is at rest before long."""
    world.happens(Event.STOP)
    for _ in range(6):
        of_the_world = [each for each in world.possible() if each not in set(UP[:1])]
        left = [each for each in of_the_world if each not in {Event.STOP, Event.RESTART}]
        if not left:
            break
        world.happens(data.draw(st.sampled_from(left)))
        world.check()
    assert world.state.phase in RESTING


def test_every_row_is_reached() -> None:
    reached = set()
    seen = {State()}
    waiting = [State()]
    while waiting:
        state = waiting.pop()
        for event in TOLD:
            if event in IGNORED.get(state.phase, ()):
                continue
            try:
                after, _ = react(state, event, policy=POLICY, now_ms=0)
            except AssertionError:
                continue
            reached.add((state.phase, after.phase))
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    assert reached == {(before, after) for (before, _), (after, _) in TABLE.items()}
