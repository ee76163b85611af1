"""The services of one project directory, run together: who starts when, and what the others hear.

The one small loop that carries out what the tables say. It starts nothing itself (that is a
`Runner`'s) and draws nothing: whoever wants to know is an observer.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from homeport.host import shim
from homeport.model.errors import BadInput
from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus
from homeport.run.supervise.states import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from homeport.host.clock import Clock
    from homeport.model.service import Declaration
    from homeport.model.status import ServiceStatus
    from homeport.run.supervise.advice import Advisor
    from homeport.run.supervise.runner import Runner

SETTLED = frozenset(
    (ServiceState.READY, ServiceState.DONE, ServiceState.FAILED, ServiceState.UNHEALTHY)
)


class Observer(Protocol):
    """Somebody who wants to know."""

    def line(self, service: str, text: str) -> None:
        """A service has printed a line, which is safe for a terminal."""

    def change(self, status: ServiceStatus) -> None:
        """A service is not as it was."""


class Supervisor:
    """Runs runners. `keep` are descriptors that live as long as anything of the instance."""

    def __init__(
        self,
        declaration: Declaration,
        *,
        keep: tuple[int, ...],
        clock: Clock,
        advisor: Advisor,
    ) -> None:
        self.declaration = declaration
        self.keep = keep
        self.clock = clock
        self.advisor = advisor
        self.runners: dict[str, Runner] = {}
        self.observers: list[Observer] = []
        self.gateway_port: int | None = None
        self.gateway_trouble: str | None = None
        self.notes: list[str] = []
        self.ending: bool = False
        self._to_stop: set[str] = set()
        self._wakers: set[asyncio.Event] = set()

    # What runners ask for.

    def await_needs(self, runner: Runner) -> None:
        """Starts what a service needs, and tells it once that is ready, or will not be."""
        if runner.name not in self._to_stop:
            self._keep(runner.assembled.needs)
        for name in runner.assembled.needs:
            self.runners[name].start()
        self.look_again()

    def _keep(self, names: Iterable[str]) -> None:
        """Does not stop these any more, nor what they need, as somebody wants them to run."""
        waiting, seen = list(names), set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self.runners[name].assembled.needs
        self._to_stop -= seen

    def changed(self, runner: Runner) -> None:
        """Tells the observers, and those that wait for this service."""
        status = runner.status()
        for observer in tuple(self.observers):
            observer.change(status)
        self.look_again()

    def advised(self, runner: Runner) -> None:
        """Tells the observers what `check` says of a service, if it says anything."""
        if runner.advice.text is None:
            self.look_again()
        else:
            self.changed(runner)

    def printed(self, runner: Runner, lines: Iterable[str]) -> None:
        """Passes lines on to the observers."""
        for text in lines:
            for observer in tuple(self.observers):
                observer.line(runner.name, text)

    def look_again(self) -> None:
        """Has everybody that waits for something look whether it has come."""
        # Later, and not within the change of one service: what follows from it changes others.
        asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        for runner in self.runners.values():
            if runner.needs_others:
                self._look_at_needs(runner)
        for runner in [self.runners[name] for name in self._to_stop]:
            if not any(other.assembled.needs_service(runner.name) for other in self._not_at_rest()):
                self._to_stop.discard(runner.name)
                runner.tell(Event.STOP)
        for waker in self._wakers:
            waker.set()

    def _look_at_needs(self, runner: Runner) -> None:
        needed = [self.runners[each] for each in runner.assembled.needs]
        failed = [each.name for each in needed if each.state.shown is ServiceState.FAILED]
        if failed:
            runner.tell(Event.NEEDS_FAILED, f"needs {', '.join(failed)}, which failed")
        elif all(each.serves for each in needed):
            runner.tell(Event.NEEDS_READY)

    def _not_at_rest(self) -> list[Runner]:
        return [runner for runner in self.runners.values() if not runner.resting]

    # What people ask for.

    def named(self, names: Sequence[str]) -> list[Runner]:
        """The services of these names, all without one; raises `BadInput`."""
        unknown = [name for name in names if name not in self.runners]
        if unknown:
            raise BadInput(
                f"there is no service {unknown[0]!r} in {self.declaration.name}",
                next_step=f"its services: {', '.join(self.runners)}",
            )
        return [self.runners[name] for name in names] or list(self.runners.values())

    def start(self, names: Sequence[str] = ()) -> None:
        """Starts services and what they need; without names all but those on demand."""
        for runner in self.named(names):
            if names or not runner.assembled.service.lazy:
                self._keep((runner.name,))
                runner.start()

    def stop(self, names: Sequence[str] = (), *, force: bool = False) -> None:
        """Stops services, and before them all that need them; with `force` without waiting."""
        chosen = self._with_dependents(self.named(names))
        if force:
            for runner in chosen:
                runner.kill()
        else:
            self._to_stop |= {runner.name for runner in chosen if not runner.resting}
        self.look_again()

    def restart(self, names: Sequence[str] = ()) -> None:
        """Stops and starts services again; those that need them go on."""
        for runner in self.named(names):
            runner.restart()

    def _with_dependents(self, chosen: list[Runner]) -> list[Runner]:
        names = {runner.name for runner in chosen}
        while more := {
            runner.name
            for runner in self.runners.values()
            if runner.name not in names and not names.isdisjoint(runner.assembled.needs)
        }:
            names |= more
        return [self.runners[name] for name in names]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until a condition holds that can only change when a service does."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            while not condition():
                waker.clear()
                await waker.wait()
        finally:
            self._wakers.discard(waker)

    def settled(self, names: Sequence[str] = ()) -> bool:
        """Whether each of these services is ready, at rest, or known not to be well, and why."""
        return not self._to_stop and all(
            (runner.resting or runner.state.shown in SETTLED) and not runner.advice.pending
            for runner in self.named(names)
        )

    def stop_one(self, name: str) -> None:
        """Stops a service whatever needs it: it is about to be another."""
        self._to_stop.discard(name)
        self.runners[name].tell(Event.STOP)

    def withhold(self) -> None:
        """Nothing is started any more: all of it ends."""
        self.ending = True
        for runner in self.runners.values():
            runner.withheld = True

    @contextmanager
    def withheld(self, names: Iterable[str]) -> Iterator[None]:
        """Nobody starts these services within the block."""
        runners = [self.runners[name] for name in names]
        for runner in runners:
            runner.withheld = True
        try:
            yield
        finally:
            for runner in runners:
                runner.withheld = self.ending

    def add(self, runner: Runner) -> None:
        """One more service."""
        runner.withheld = self.ending
        self.runners[runner.name] = runner

    def forget(self, name: str) -> None:
        """A service that is at rest is none of ours any more."""
        self._to_stop.discard(name)
        self.runners.pop(name).close()

    def start_again(self, names: Iterable[str]) -> None:
        """Starts what was withheld while it ran, and what others have waited for meanwhile."""
        for name in names:
            self.runners[name].restart()
        for runner in self.runners.values():
            if runner.needs_others:
                self.await_needs(runner)

    def on_demand(self) -> bool:
        """Whether a service may be started by somebody who asks for it."""
        return any(runner.assembled.service.lazy for runner in self.runners.values())

    def at_rest(self) -> bool:
        """Whether nothing runs, nor will by itself."""
        return not self._not_at_rest()

    async def stop_everything(self) -> None:
        """Stops all services, those that are needed last; returns when nothing is left."""
        self.stop()
        await self.until(self.at_rest)
        shim.end_orphans()

    def status(self) -> ProjectStatus:
        """How all of it is."""
        declaration = self.declaration
        trouble = () if self.gateway_trouble is None else (self.gateway_trouble,)
        return ProjectStatus(
            name=declaration.name,
            root=declaration.root,
            branch=declaration.branch,
            source=declaration.source,
            pid=os.getpid(),
            services=tuple(runner.status() for runner in self.runners.values()),
            gateway_port=self.gateway_port,
            notes=(*declaration.notes, *self.notes, *trouble),
        )
