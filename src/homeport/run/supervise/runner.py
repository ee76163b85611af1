"""One service: carries out what the table of `states` commands, and tells it what comes of that.

All that is known of the run of a service is here; who else runs, and in which order, is the
supervisor's. Runs within an event loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from homeport.host.clock import MILLISECOND_NS
from homeport.model.errors import HomeportError
from homeport.model.route import ServiceState
from homeport.model.running import Exited, Lost, NotStarted, Program, Started, Stdio
from homeport.model.service import CheckKind, Restart
from homeport.model.status import ServiceStatus
from homeport.run.supervise.advice import Advice, about_itself, about_last_words
from homeport.run.supervise.looks import Looks
from homeport.run.supervise.port import ServicePort
from homeport.run.supervise.programs import Programs
from homeport.run.supervise.reasons import TOO_EARLY, ending_words, unmet_words
from homeport.run.supervise.standing import Standing
from homeport.run.supervise.states import (
    RESTING,
    Command,
    Event,
    Phase,
    Policy,
    State,
    react,
)
from homeport.run.supervise.steps import run_steps
from homeport.run.supervise.tasks import begin

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine, Sequence

    from homeport.host.clock import Clock
    from homeport.host.shim import Spawned
    from homeport.model.running import Report
    from homeport.model.service import Step
    from homeport.run.leases import Lease
    from homeport.run.supervise.advice import Advisor
    from homeport.run.supervise.assembly import Assembled
    from homeport.run.supervise.logs import Log

_ENDED_BY_GONE = (Phase.DYING, Phase.FAILING, Phase.STOPPING, Phase.RESTARTING)
_ADVISED = (Phase.FAILING, Phase.FAILED, Phase.UNHEALTHY)
_LAST_LINES = 40
_PROMPT_S = 0.2


class Surroundings(Protocol):
    """What a runner needs of its supervisor; `keep` are descriptors for its shims to hold."""

    clock: Clock
    keep: tuple[int, ...]
    advisor: Advisor

    def await_needs(self, runner: Runner) -> None:
        """Tells NEEDS_READY or NEEDS_FAILED once that is known."""

    def changed(self, runner: Runner) -> None:
        """The status of a service has changed."""

    def advised(self, runner: Runner) -> None:
        """It is known what `check` says of a service, perhaps nothing."""

    def printed(self, runner: Runner, lines: Sequence[str]) -> None:
        """A service has printed lines."""


class Runner:
    """The run of one service. `lease` is that of its port, None for a service without one.

    While it is `withheld` nobody starts it: everything is being stopped, or it is about to become
    another one.
    """

    def __init__(
        self,
        assembled: Assembled,
        lease: Lease | None,
        log: Log,
        around: Surroundings,
        stdio: Stdio = Stdio.TERMINAL,
    ) -> None:
        self.assembled: Assembled = assembled
        self.port: ServicePort = ServicePort(lease)
        self.log = log
        self.state: State = State()
        self.pid: int | None = None
        self.ended: Exited | None = None
        self.advice: Advice = Advice(around.advisor, lambda: around.advised(self))
        self.programs: Programs = Programs(self._output, self._empty)
        self.on_raw: Callable[[bytes], None] | None = None
        self._around = around
        self._stdio = stdio
        self._flushing: asyncio.TimerHandle | None = None
        self._standing = Standing(around.clock)
        self._ending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.withheld = False
        self._notes: tuple[str, ...] = ()
        self._main: Spawned | None = None
        self._commands: dict[Command, Callable[[], None]] = {
            Command.AWAIT_NEEDS: lambda: around.await_needs(self),
            Command.RUN_BEFORE: lambda: self._begin(self._steps(self.assembled.launch.before)),
            Command.SPAWN: self._spawn,
            Command.PROBE: self._probe,
            Command.RUN_AFTER: lambda: self._begin(self._steps(self.assembled.launch.after)),
            Command.WATCH: lambda: self._begin(self._watch()),
            Command.BACK_OFF: self._back_off,
            Command.CANCEL: self._cancel,
            Command.STOP: self._stop,
            Command.KILL: self.programs.kill,
        }

    @property
    def name(self) -> str:
        """The name of the service."""
        return self.assembled.service.name

    @property
    def reason(self) -> str | None:
        """Why it is not well; None where it is, or nobody wonders."""
        return self._standing.reason

    @property
    def resting(self) -> bool:
        """Whether nothing runs, nor will by itself."""
        return self.state.phase in RESTING

    @property
    def serves(self) -> bool:
        """Whether those that need it may start: it is ready, or was a task that is done."""
        return self.state.shown in {ServiceState.READY, ServiceState.DONE}

    @property
    def stopped(self) -> bool:
        """Whether it does not run, as nobody has started it or somebody has stopped it."""
        return self.state.phase is Phase.STOPPED

    @property
    def needs_others(self) -> bool:
        """Whether it waits for what it needs."""
        return self.state.phase is Phase.NEEDING

    def start(self) -> None:
        """Starts it, unless it runs, or was a task that is done."""
        if self.state.phase is not Phase.DONE and not self.withheld:
            self.tell(Event.START)

    def restart(self) -> None:
        """Stops and starts it again."""
        if not self.withheld:
            self.tell(Event.RESTART)

    def become(self, assembled: Assembled, lease: Lease | None) -> None:
        """Another service of the same name, from the next start on; to be called at rest.

        What differs in nothing that a program sees may run on.
        """
        self.assembled = assembled
        self.port.become(lease)

    def kill(self) -> None:
        """Stops it without waiting for it to end by itself."""
        self.tell(Event.STOP)
        if self.state.phase is Phase.STOPPING:
            self.tell(Event.STOP)

    def status(self) -> ServiceStatus:
        """How it is."""
        service, place = self.assembled.service, self.assembled.place
        return ServiceStatus(
            name=service.name,
            state=self.state.shown,
            changed_ns=self._standing.changed_ns,
            pid=self.pid,
            port=place.port if service.has_port else None,
            url=self.assembled.url,
            public_url=place.url if self.assembled.is_web else None,
            starting_ms=self._standing.starting_ms,
            restarts=self._standing.restarts,
            reason=self.reason,
            last_lines=tuple(self._last_words()[-_LAST_LINES:]) if self.reason else (),
            lazy=service.lazy,
            advice=self.advice.text,
            hosts=self.assembled.hosts if service.has_port else (),
            notes=self._notes,
        )

    def tell(self, event: Event, reason: str | None = None) -> None:
        """Something happened: goes over to the next phase, and does what that commands."""
        before, policy = self.state, Policy(restart=self.assembled.service.restart)
        now_ms = self._around.clock.monotonic_ns() // MILLISECOND_NS
        self.state, commands = react(before, event, policy=policy, now_ms=now_ms)
        self._standing.reason = reason or self.reason
        if self.state.phase is not before.phase:
            self._come_into(self.state.phase, before.phase)
        for command in commands:
            self._commands[command]()
        if self.state.shown is not before.shown:
            self._seek_advice()
        if self.state.shown is not before.shown or reason is not None:
            self._around.changed(self)

    def _last_words(self) -> list[str]:
        """The lines of this run: those of one before it say nothing of how this one ended."""
        return self.log.since(self._standing.began_at_ns)

    def _seek_advice(self) -> None:
        """Asks what `check` says: of a program that runs by its port, else by its last words."""
        if self.state.shown is ServiceState.UNHEALTHY:
            self.advice.seek(about_itself(self.assembled.url))
        elif self.state.shown is ServiceState.FAILED:
            self.advice.seek(about_last_words(self._last_words(), self.assembled.place.port))

    def _come_into(self, phase: Phase, before: Phase) -> None:
        """What a change of phase brings with it, whatever is commanded."""
        self._standing.come_into(phase, before)
        if phase not in _ADVISED:
            self.advice.forget()
        if phase is Phase.NEEDING:
            self._ending = False
            self._notes = ()
        elif phase is Phase.READY and before is Phase.FINISHING:
            self._note(self._looks().notes())
        elif phase is Phase.WAITING:
            self.port.between()
        elif phase in RESTING:
            self.port.rest()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        begin(work, self._tasks)

    # Programs.

    def _run(
        self,
        argv: tuple[str, ...],
        env: dict[str, str],
        on_report: Callable[[Report], None],
        listener: socket.socket | None = None,
    ) -> Spawned:
        service = self.assembled.service
        program = Program(
            argv=argv,
            env=tuple(env.items()),
            directory=service.directory,
            user=service.user,
            limits=service.limits,
            stdio=self._stdio,
            stop_signal=self.assembled.stop_signal,
        )
        keep = (*self._around.keep, *self.port.lock_fds)
        return self.programs.start(program, on_report, keep=keep, listener=listener)

    async def _steps(self, steps: Sequence[Step]) -> None:
        """Runs steps one after the other, and tells how that went."""
        failure = await run_steps(steps, self._run_step, self.say)
        self.tell(Event.STEPS_DONE if failure is None else Event.STEPS_FAILED, failure)

    def _run_step(self, step: Step, on_report: Callable[[Report], None]) -> None:
        self._run(step.argv, {**dict(self.assembled.env), **dict(step.env)}, on_report)

    def _spawn(self) -> None:
        try:
            listener = self.port.prepare(self.assembled.launch.hold)
            env = dict(self.assembled.env)
            self._main = self._run(self.assembled.launch.argv, env, self._reported, listener)
        except HomeportError as error:
            # As if the program had not started: there is nothing to be ended.
            asyncio.get_running_loop().call_soon(self._no_program, f"cannot be started: {error}")

    def _no_program(self, reason: str) -> None:
        if self.state.phase is Phase.SPAWNING:  # else it was stopped meanwhile, which tells GONE
            self.tell(Event.NOT_STARTED, reason)
            self.tell(Event.GONE)

    def _reported(self, report: Report) -> None:
        """What the shim of the service's own program tells."""
        if isinstance(report, Started):
            self.pid = report.pid
            for unmet in report.unmet:
                self.say(unmet_words(unmet))
            self.tell(Event.SPAWNED)
        elif isinstance(report, NotStarted):
            self.tell(Event.NOT_STARTED, ending_words(report, self.assembled.launch.argv[0]))
        elif isinstance(report, Exited):
            self.ended = report
            early = report.ok and self._is_early()
            event = Event.EXITED_OK if report.ok and not early else Event.EXITED_FAILED
            words = TOO_EARLY if early else ending_words(report, "")
            self.tell(event, None if self._ending else words)
        elif isinstance(report, Lost):
            event = Event.NOT_STARTED if self.pid is None else Event.EXITED_FAILED
            self.tell(event, ending_words(report, ""))

    def _is_early(self) -> bool:
        """Whether it ends before it was ready, and is none that may: a server, and not a task."""
        awaited = self.assembled.ready.kind is not CheckKind.NOTHING
        again = self.assembled.service.restart is not Restart.NEVER
        return awaited and again and self.state.phase in {Phase.SPAWNING, Phase.PROBING}

    def _empty(self) -> None:
        """Nothing of the service is left, steps included."""
        self.pid = None
        if self.state.phase in _ENDED_BY_GONE:
            self.tell(Event.GONE)

    def _output(self, data: bytes) -> None:
        if self.on_raw is not None:
            self.on_raw(data)
        self._around.printed(self, self.log.feed(data))
        if self._flushing is not None:
            self._flushing.cancel()
        loop = asyncio.get_running_loop()
        self._flushing = loop.call_later(_PROMPT_S, self._flush) if self.log.pending else None

    def _flush(self) -> None:
        """A line that was begun is a prompt when nothing more comes."""
        self._around.printed(self, self.log.flush())

    def say(self, text: str) -> None:
        """A line of Homeport's own among those of the service."""
        self._around.printed(self, self.log.note(text))

    # Readiness, health and time.

    def _probe(self) -> None:
        self._begin(self._await_ready())
        self._begin(self._wonder())

    async def _await_ready(self) -> None:
        failure = await self._looks().until_ready()
        if failure is None:
            self.tell(Event.PROBE_OK)
        else:
            # Now, as long as it runs: it is about to be ended.
            await self.advice.await_it(about_itself(self.assembled.url))
            self.tell(Event.READY_TIMEOUT, failure)

    async def _wonder(self) -> None:
        where = await self._looks().wonder()
        if where is not None and self.state.phase is Phase.PROBING:
            self._note((where,))
            self._around.changed(self)

    def _note(self, notes: tuple[str, ...]) -> None:
        self._notes = notes
        for note in notes:
            self.say(f"{self.name} {note}")

    def _looks(self) -> Looks:
        patient = self._stdio is Stdio.INHERITED
        return Looks(self.assembled, self.pid, self.log, patient)

    async def _watch(self) -> None:
        async for failure in self._looks().health():
            if failure is None:
                self.tell(Event.HEALTHY)
            else:
                self.tell(Event.UNHEALTHY, failure)

    def _back_off(self) -> None:
        loop, delay_s = asyncio.get_running_loop(), self.state.back_off_ms / 1000
        self._timer = loop.call_later(delay_s, self.tell, Event.BACK_OFF_OVER)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        if self.state.phase is Phase.DYING:
            # A step after the start waits for a program that is no more.
            self.programs.kill(spare=self._main)

    def _stop(self) -> None:
        self._cancel()
        self._ending = True
        if self.programs:
            self.programs.stop(self.assembled.stop_signal, self.assembled.service.stop_ms)
        else:
            asyncio.get_running_loop().call_soon(self._empty)

    def close(self) -> None:
        """Gives back what it has; to be called at rest."""
        self.port.close()
        self.log.close()
