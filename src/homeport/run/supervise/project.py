"""A project that is up: its leases, its supervisor, its routes at the gateway, its control socket.

From the moment that the instance's locks are held until nothing is left. They go on to every
shim, so that whoever comes next waits for what is still being ended.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.host import shim
from homeport.host.clock import Clock
from homeport.model.errors import BadInput, NotSupported
from homeport.model.route import ServiceState
from homeport.model.running import Stdio
from homeport.run.recipes import catalog
from homeport.run.supervise.advice import Advisor
from homeport.run.supervise.assembly import assemble
from homeport.run.supervise.client import Ending
from homeport.run.supervise.file_watch import FileWatch
from homeport.run.supervise.gateway_link import GatewayLink, gateway_ports
from homeport.run.supervise.keeping import note
from homeport.run.supervise.leases import Leases
from homeport.run.supervise.logs import Log
from homeport.run.supervise.runner import Runner
from homeport.run.supervise.supervisor import Supervisor
from homeport.wire.declaration.environment import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from homeport.model.service import Declaration, Step
    from homeport.model.status import ServiceStatus
    from homeport.run.supervise.assembly import Assembled
    from homeport.run.supervise.instance import Instance
    from homeport.run.supervise.leases import Change
    from homeport.run.supervise.manner import Manner

DATABASE_ACTIONS = ("shell", "dump", "restore", "reset")


class ProjectRun:
    """One project directory whose services run. `locks` are descriptors of the instance's locks.

    `declare` reads what the project declares, now and each time that `apply` is asked for.
    Raises what leasing and assembling raise; nothing has been started then.
    """

    def __init__(
        self,
        declare: Callable[[], Declaration],
        instance: Instance,
        locks: tuple[int, ...],
        manner: Manner,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._declare = declare
        self.instance = instance
        self._manner = manner
        self._leases = Leases(manner.acquire, instance.root, manner.part)
        self._applying = asyncio.Lock()
        self._changes: set[asyncio.Task[None]] = set()
        declaration = declare()
        self.supervisor: Supervisor = Supervisor(
            declaration,
            keep=locks,
            clock=clock or Clock(),
            advisor=Advisor(manner.check, manner.environ, declaration.root),
        )
        self._link = GatewayLink(
            self.supervisor.runners,
            self._wanted,
            self._gateway_told,
            gateway_ports(manner.environ),
        )
        self._files = FileWatch(self._files_changed, self._say, locks)
        self._over = asyncio.Event()

    def open(self) -> None:
        """Leases the ports, finds the gateway, and makes all ready to be started."""
        note(self.instance)
        self._link.open()
        change, wanted = self._prepared(self.supervisor.declaration)
        change.carry_out()
        for assembled in wanted.values():
            self._add(assembled)

    def _gateway_told(self, trouble: str | None) -> None:
        self.supervisor.gateway_port = self._link.port
        self.supervisor.gateway_trouble = trouble

    def _prepared(self, declaration: Declaration) -> tuple[Change, dict[str, Assembled]]:
        """What the services of a declaration need; raises what is wrong with it."""
        change = self._leases.prepare(declaration.services)
        try:
            return change, assemble(
                declaration,
                self.instance,
                ports=change.ports,
                url_of=self._link.url_of,
                environ=self._manner.environ,
            )
        except BaseException:
            change.give_up()
            raise

    def _add(self, assembled: Assembled) -> None:
        name = assembled.service.name
        log = Log(self.instance.log_path(name))
        lease = self._leases.get(name)
        self.supervisor.add(Runner(assembled, lease, log, self.supervisor, self._manner.stdio))

    async def run(self, services: Sequence[str] = ()) -> None:
        """Starts the services, answers and supervises until the end, and stops them."""
        shim.become_subreaper()
        self.supervisor.observers.append(self)
        self._link.listen()
        self._link.update()
        self._files.watch(self.supervisor.runners.values())
        self.supervisor.start(services)
        await self._over.wait()
        self._files.close()
        await self.supervisor.stop_everything()

    def unlink(self) -> None:
        """Gives the names back; within the event loop."""
        self._link.close()

    def close(self) -> None:
        """Gives the ports and logs back."""
        for runner in self.supervisor.runners.values():
            runner.close()
        self._leases.close()

    def end(self, *, force: bool = False) -> None:
        """Lets `run` stop everything and return; with `force` without waiting."""
        self.supervisor.withhold()
        self._link.need_no_more()
        if force:
            self.supervisor.stop(force=True)
        self._over.set()

    def refuse_at_the_end(self) -> None:
        """Raises `Ending` where everything is being stopped."""
        if self._over.is_set():
            raise Ending(
                f"the services of {self.supervisor.declaration.name} are just being stopped",
                next_step="homeport up starts them again",
            )

    def exit_status(self) -> int:
        """What it came to: 1 where a service failed; that of a program in our own terminal."""
        runners = self.supervisor.runners.values()
        if self._manner.stdio is Stdio.INHERITED:
            ends = [runner.ended for runner in runners if runner.ended is not None]
            return ends[-1].status if ends else 1
        return 1 if any(each.state.shown is ServiceState.FAILED for each in runners) else 0

    # As an observer: the gateway hears of each change.

    def line(self, service: str, text: str) -> None:
        """Nothing of it concerns the gateway."""

    def change(self, status: ServiceStatus) -> None:
        """Routes tell the state of a service."""
        del status
        self._link.update()

    def _wanted(self, name: str) -> None:
        """Somebody asks the gateway for a service."""
        if name in self.supervisor.runners:
            self.supervisor.start((name,))

    def _files_changed(self, names: list[str]) -> None:
        """Restarts what watches them, unless somebody has stopped it."""
        for runner in self.supervisor.named(names):
            if not runner.stopped and not runner.withheld:
                runner.say("restarting: files have changed")
                runner.restart()

    def _say(self, names: list[str], text: str) -> None:
        for runner in self.supervisor.named(names):
            runner.say(text)

    # Changes.

    def is_over(self) -> bool:
        """Whether nothing runs, nor will: not by itself, nor when somebody asks the gateway."""
        supervisor = self.supervisor
        if self._changes or supervisor.on_demand() or not supervisor.at_rest():
            return False
        # Somebody is still being asked why a service has failed: that is to be told before the end.
        return not any(runner.advice.pending for runner in supervisor.runners.values())

    async def apply(self) -> None:
        """Reads the declaration again, and changes what runs as far as that is different.

        Raises what is wrong with it; then nothing has changed. What was begun is done to its end,
        also when whoever asked for it is gone.
        """
        change = asyncio.get_running_loop().create_task(self._apply())
        self._changes.add(change)
        change.add_done_callback(self._change_done)
        await asyncio.shield(change)

    def _change_done(self, change: asyncio.Task[None]) -> None:
        self._changes.discard(change)
        if not change.cancelled():
            change.exception()  # is told to whoever asked, if there is still somebody
        self.supervisor.look_again()

    async def _apply(self) -> None:
        async with self._applying:
            self.refuse_at_the_end()
            declaration = self._declare()
            change, wanted = self._prepared(declaration)
            runners = self.supervisor.runners
            gone = [name for name in runners if name not in wanted]
            other = [
                name
                for name, assembled in wanted.items()
                if name in runners and runners[name].assembled.runs_unlike(assembled)
            ]
            ran = [name for name in other if not runners[name].stopped]
            with self.supervisor.withheld([*gone, *other]):
                await self._stopped([*gone, *other])
                for name in gone:
                    self.supervisor.forget(name)
                change.carry_out()
                self._take_over(wanted)
                self.supervisor.declaration = declaration
            self._files.watch(self.supervisor.runners.values())
            self.supervisor.start_again(ran)
            self._link.update()

    async def _stopped(self, names: list[str]) -> None:
        for name in names:
            self.supervisor.stop_one(name)
        runners = [self.supervisor.runners[name] for name in names]
        await self.supervisor.until(lambda: all(runner.resting for runner in runners))

    def _take_over(self, wanted: Mapping[str, Assembled]) -> None:
        for name, assembled in wanted.items():
            if name in self.supervisor.runners:
                self.supervisor.runners[name].become(assembled, self._leases.get(name))
            else:
                self._add(assembled)

    # What clients ask for.

    def environment(self, names: Sequence[str]) -> dict[str, str]:
        """What programs beside the services need; of one service its whole own.

        That is what `.env`, the services and `[env]` say, in this order.
        """
        if names:
            (runner, *_) = self.supervisor.named(names)
            return dict(runner.assembled.env)
        runners = self.supervisor.runners.values()
        outer = self._manner.environ
        made = environment(
            self.supervisor.declaration,
            None,
            outer=outer,
            facts={runner.name: runner.assembled.facts for runner in runners},
            exports=[pair for each in runners for pair in each.assembled.launch.exports],
        )
        return {name: text for name, text in made.items() if outer.get(name) != text}

    def database_steps(self, names: Sequence[str], what: str) -> tuple[Step, ...]:
        """The programs that do something with a database; raises `BadInput`, `NotSupported`."""
        runner = self._database_runner(names)
        service = runner.assembled.service
        database = catalog()[service.recipe or "command"].database
        action = getattr(database, what) if what in DATABASE_ACTIONS else None
        if action is None:
            raise NotSupported(f"{service.recipe} knows no {what!r}")
        steps = action(runner.assembled.place)
        return (steps,) if what != "reset" else tuple(steps)

    def _database_runner(self, names: Sequence[str]) -> Runner:
        recipes = catalog()
        having = [
            runner
            for runner in self.supervisor.named(names)
            if recipes[runner.assembled.service.recipe or "command"].database is not None
        ]
        if len(having) == 1:
            return having[0]
        if not having:
            raise BadInput("there is no database among these services")
        raise BadInput(
            "there are several databases",
            next_step=f"name one of them: {', '.join(each.name for each in having)}",
        )
