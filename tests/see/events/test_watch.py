"""The watcher against a scripted machine and a clock that the test moves.

The tables are scripted here because the order and the moment of what happens are the subject;
test_watching.py watches real sockets.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import SECOND_NS, Clock
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import HomeportError
from homeport.model.event import Event, EventKind
from homeport.model.process import Certainty, Process
from homeport.model.sockets import Listener
from homeport.see.events.watch import CALM_NS, CHECK_NS, SHARE, End, Pace, Watch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from _typeshed import HasFileno

MS = 1_000_000


class StoppedClock(Clock):
    """Time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000 * SECOND_NS
        self.cpu = 0
        self.waited: list[int] = []
        self.ready: list[HasFileno] = []

    def now_ns(self) -> int:
        return self.now

    def monotonic_ns(self) -> int:
        return self.now

    def cpu_ns(self) -> int:
        return self.cpu

    def wait(self, sources: Iterable[HasFileno], timeout_ns: int | None) -> list[HasFileno]:
        assert timeout_ns is not None
        if ready := [source for source in sources if source in self.ready]:
            self.waited.append(0)
            return ready
        self.waited.append(timeout_ns)
        self.now += timeout_ns
        return []


class Machine:
    """Listeners and owners as the test sets them, and what was asked for."""

    netns = 1

    def __init__(self, clock: StoppedClock) -> None:
        self.clock = clock
        self.open: dict[int, Listener] = {}
        self.owners: dict[int, tuple[Process, ...]] = {}
        self.asked: list[list[int]] = []
        self.cost_ns = 0
        self.refuses: str | None = None

    def listen(self, port: int, cookie: int, transport: Transport = Transport.TCP) -> None:
        endpoint = Endpoint(transport, "127.0.0.1", port)
        self.open[cookie] = Listener(endpoint, inode=cookie + 1000, netns=1, uid=0, cookie=cookie)

    def listeners(self) -> Sequence[Listener]:
        self.clock.cpu += self.cost_ns
        if self.refuses is not None:
            raise HomeportError(self.refuses)
        return list(self.open.values())

    def owned(self, listeners: Sequence[Listener]) -> Sequence[Listener]:
        self.asked.append([each.cookie or 0 for each in listeners])
        return [
            each._replace(owners=self.owners.get(each.cookie or 0, ()), certainty=Certainty.SEEN)
            for each in listeners
        ]


class Told:
    """Endings as the test tells them."""

    def __init__(self, clock: StoppedClock) -> None:
        self._clock = clock
        self._ends: list[End] = []
        self._lost = False

    def tell(self, cookie: int, port: int, transport: Transport = Transport.TCP) -> None:
        self._ends.append(End(cookie, Endpoint(transport, "127.0.0.1", port)))
        self._clock.ready = [self]

    def lose(self) -> None:
        self._lost = True
        self._clock.ready = [self]

    def fileno(self) -> int:
        return -1

    def read(self) -> tuple[list[End], bool]:
        ends, self._ends = self._ends, []
        lost, self._lost = self._lost, False
        self._clock.ready = []
        return ends, lost

    def close(self) -> None:
        """Nothing to give back."""


class Stage:
    """A watcher with everything that it hangs on."""

    def __init__(self, pace: Pace | None = None, *, told: bool = True) -> None:
        self.clock = StoppedClock()
        self.machine = Machine(self.clock)
        self.ends = Told(self.clock)
        self.machine.listen(22, 1)
        self.machine.owners[1] = (Process(pid=7, start_ticks=1),)
        self._pace = pace
        self._told = told
        self._watch: Watch | None = None

    @property
    def watch(self) -> Watch:
        if self._watch is None:
            ends = self.ends if self._told else None
            self._watch = Watch(self.machine, clock=self.clock, ends=ends, pace=self._pace)
        return self._watch

    def close(self) -> None:
        self.watch.close()

    def kinds(self, steps: int = 1) -> list[tuple[str, int]]:
        events: list[Event] = []
        for _ in range(steps):
            events += self.watch.step()
        return [(event.kind.value, event.endpoint.port) for event in events]


@pytest.fixture
def stage() -> Generator[Stage]:
    made = Stage()
    yield made
    made.close()


def test_what_is_open_at_the_start_is_no_event(stage: Stage) -> None:
    assert [each.endpoint.port for each in stage.watch.listeners] == [22]
    assert stage.watch.listeners[0].owners[0].pid == 7
    assert stage.kinds(3) == []


def test_owners_are_looked_up_only_for_what_is_new(stage: Stage) -> None:
    stage.kinds(3)
    stage.machine.listen(80, 2)
    assert stage.kinds() == [("opened", 80)]
    assert stage.machine.asked == [[1], [2]]


def test_thousands_at_once_are_told_bit_by_bit_and_without_a_pause(stage: Stage) -> None:
    assert stage.watch.listeners
    for number in range(1000):
        stage.machine.listen(1000 + number, 10 + number)
    first = len(stage.kinds())
    moment = stage.clock.now
    assert 0 < first < 200
    told = first
    while told < 1000:
        told += len(stage.kinds())
    assert stage.clock.now == moment
    assert stage.kinds(5) == []


def test_an_opening_bears_the_moment_before_the_look(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.listen(80, 2)
    (event,) = stage.watch.step()
    assert event.at_ns == stage.clock.now


def test_a_close_is_told_at_once_and_only_once(stage: Stage) -> None:
    assert stage.watch.listeners
    before = stage.clock.now
    stage.machine.open.clear()
    stage.ends.tell(1, 22)
    (event,) = stage.watch.step()
    assert (event.kind, event.at_ns) == (EventKind.CLOSED, before)
    assert event.owners[0].pid == 7
    assert stage.kinds(3) == []
    assert stage.watch.listeners == []


def test_a_close_that_a_look_found_first_is_not_told_again(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.open.clear()
    assert stage.kinds() == [("closed", 22)]
    stage.ends.tell(1, 22)
    assert stage.kinds(2) == []


def test_a_socket_between_two_looks_is_seen_by_its_end(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.ends.tell(9, 8080)
    (event,) = stage.watch.step()
    assert (event.kind, event.endpoint.port) == (EventKind.PASSED, 8080)
    assert (event.inode, event.owners, event.certainty, event.cookie) == (0, (), None, 9)
    stage.ends.tell(9, 8080)
    assert stage.kinds() == []


def test_lost_endings_are_said_and_looked_for_at_once(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.open.clear()
    stage.ends.lose()
    before = stage.clock.now
    assert stage.kinds() == [("closed", 22)]
    assert stage.clock.now == before
    assert stage.watch.notices() == ["more sockets ended at once than the kernel could tell"]
    assert stage.watch.notices() == []


def test_the_end_of_a_subflow_is_that_of_its_mptcp_listener(stage: Stage) -> None:
    stage.machine.listen(443, 5, Transport.MPTCP)
    assert len(stage.watch.listeners) == 2
    del stage.machine.open[5]
    stage.ends.tell(6, 443)
    assert stage.kinds() == [("closed", 443)]
    stage.ends.tell(6, 443)
    assert stage.kinds() == []


def test_a_subflow_that_ends_after_its_listener_was_missed_is_no_news(stage: Stage) -> None:
    stage.machine.listen(443, 5, Transport.MPTCP)
    assert len(stage.watch.listeners) == 2
    del stage.machine.open[5]
    assert stage.kinds() == [("closed", 443)]
    stage.ends.tell(6, 443)
    assert stage.kinds() == []


def test_without_the_kernels_word_endings_are_found_by_looking() -> None:
    stage = Stage(told=False)
    assert not stage.watch.told
    stage.machine.open.clear()
    assert stage.kinds() == [("closed", 22)]
    stage.close()


def test_another_owner_is_found_by_the_check_now_and_then(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.owners[1] = (Process(pid=8, start_ticks=2),)
    start = stage.clock.now
    events: list[Event] = []
    while not events:
        events = stage.watch.step()
        assert stage.clock.now - start <= CHECK_NS
    assert [event.kind for event in events] == [EventKind.OWNER_CHANGED]
    assert (events[0].owners[0].pid, events[0].previous[0].pid) == (8, 7)
    assert stage.watch.listeners[0].owners[0].pid == 8


def test_a_socket_that_closes_during_the_check_keeps_its_last_owners(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.owners.clear()
    stage.machine.open.clear()
    assert stage.watch._check() == []
    (event,) = stage.watch.step()
    assert event.kind is EventKind.CLOSED
    assert [owner.pid for owner in event.owners] == [7]


def test_workers_of_a_new_server_are_found_soon(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.listen(80, 2)
    assert stage.kinds() == [("opened", 80)]
    stage.machine.owners[2] = (Process(pid=9, start_ticks=3),)
    start = stage.clock.now
    while stage.kinds() != [("owner changed", 80)]:
        assert stage.clock.now - start < CHECK_NS / 2


def test_looks_are_frequent_while_something_happens_and_rare_in_quiet(stage: Stage) -> None:
    stage.kinds(3)
    assert max(stage.clock.waited) == SECOND_NS
    stage.machine.listen(80, 2)
    stage.kinds()
    stage.clock.waited.clear()
    calm = stage.clock.now + CALM_NS
    while stage.clock.now < calm:
        stage.kinds()
    assert stage.clock.waited[1] == 250 * MS
    stage.clock.waited.clear()
    stage.kinds(5)
    assert max(stage.clock.waited) == SECOND_NS


def test_a_costly_table_is_looked_at_less_often(stage: Stage) -> None:
    stage.machine.cost_ns = 20 * MS
    start = stage.clock.now
    looks_before = stage.clock.cpu
    while stage.clock.now - start < 100 * SECOND_NS:
        stage.watch.step()
    used = stage.clock.cpu - looks_before
    assert used / (stage.clock.now - start) < 2 / SHARE


def test_a_pace_that_was_asked_for_is_kept() -> None:
    stage = Stage(Pace(look_ns=40 * MS))
    stage.machine.cost_ns = 20 * MS
    stage.kinds(5)
    assert stage.clock.waited == [40 * MS] * 5
    stage.close()


def test_step_returns_when_its_time_is_over(stage: Stage) -> None:
    start = stage.clock.monotonic_ns()
    assert stage.watch.step(until_ns=start + 10 * MS) == []
    assert stage.clock.now == start + 10 * MS


def test_a_refusal_is_said_and_the_watching_goes_on(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.refuses = "the kernel did not answer"
    assert stage.kinds(3) == []
    assert stage.watch.notices() == ["the kernel did not answer"]
    stage.machine.refuses = None
    stage.machine.listen(80, 2)
    assert stage.kinds() == [("opened", 80)]


def test_a_refusal_at_the_start_is_raised() -> None:
    clock = StoppedClock()
    machine = Machine(clock)
    machine.refuses = "no tables here"
    with pytest.raises(HomeportError, match="no tables here"):
        Watch(machine, clock=clock)


def test_iteration_gives_single_events_and_ends_after_stop(stage: Stage) -> None:
    assert stage.watch.listeners
    stage.machine.listen(80, 2)
    stage.machine.listen(90, 3)
    assert next(stage.watch).endpoint.port == 80
    stage.watch.stop()
    assert [event.endpoint.port for event in stage.watch] == [90]


def test_stop_from_another_thread_ends_a_wait_of_the_real_clock() -> None:
    machine = Machine(StoppedClock())
    with Watch(machine, clock=Clock(), pace=Pace(look_ns=3600 * SECOND_NS)) as watch:
        thread = threading.Thread(target=watch.stop)
        thread.start()
        assert list(watch) == []
        thread.join()


class Ledger:
    """Who writes down what happens, as the watcher sees them."""

    def __init__(self) -> None:
        self.notices = ["a new file was begun"]
        self.due_ns = 0
        self.told: list[str] = []

    def begin(self, listeners: Iterable[Listener], at_ns: int) -> None:
        self.told.append(f"begin {[each.endpoint.port for each in listeners]} {at_ns > 0}")

    def add(self, events: Iterable[Event]) -> None:
        self.told += [f"{event.kind.value} {event.endpoint.port}" for event in events]

    def tick(self, listeners: Sequence[Listener]) -> None:
        self.told.append(f"tick {len(listeners)}")
        self.due_ns = 1 << 62

    def close(self, listeners: Sequence[Listener]) -> None:
        self.told.append(f"close {len(listeners)}")


def test_a_keeper_learns_everything_in_order() -> None:
    clock = StoppedClock()
    machine = Machine(clock)
    machine.listen(22, 1)
    ledger = Ledger()
    with Watch(machine, clock=clock, keeper=ledger) as watch:
        assert watch.notices() == ["a new file was begun"]
        watch.step()
        machine.listen(80, 2)
        while not watch.step():
            pass
    assert ledger.told == ["begin [22] True", "tick 1", "opened 80", "close 2"]
