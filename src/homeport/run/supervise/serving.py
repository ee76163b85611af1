"""The supervisor's control socket: what it is asked, and how it answers.

Whoever may connect is this user (or root), and may ask for everything. A client that is slow or
gone harms nobody: what it does not take is dropped with it.
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from homeport.host.control import Listener
from homeport.model.errors import BadInput, BrokenMessage, HomeportError, NotFound
from homeport.run.supervise.client import BEAT_MS, refusal_json
from homeport.run.supervise.tasks import begin
from homeport.wire.supervision import parse_request, service_json, status_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeport.host.control import Channel
    from homeport.model.status import ServiceStatus
    from homeport.run.supervise.project import ProjectRun
    from homeport.run.supervise.runner import Runner
    from homeport.wire.supervision import Request

_MOST_INPUT = 1 << 16
_MOST_AT_ONCE = 64
_FINISH_S = 1.0
_SHOWN_LINES = 5


class Server:
    """Answers at a path for a project."""

    def __init__(self, path: str, project: ProjectRun) -> None:
        self._listener = Listener(path)
        self._project = project
        self._talks: set[_Talk] = set()
        self._is_open = False

    def open(self) -> None:
        """Answers from now on."""
        self._is_open = True
        asyncio.get_running_loop().add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        channel = self._listener.accept(len(self._talks))
        if channel is not None:
            self._talks.add(_Talk(channel, self._project, self._talks.discard))

    async def finish(self) -> None:
        """Lets the answers be given that wait for the end of all services."""
        tasks = [task for talk in self._talks for task in talk.tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=_FINISH_S)

    def close(self) -> None:
        """Ends all conversations, once what was said is sent."""
        if self._is_open:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
        self._listener.close()
        for talk in tuple(self._talks):
            talk.close()


class _Talk:
    """One conversation."""

    def __init__(
        self, channel: Channel, project: ProjectRun, ended: Callable[[_Talk], None]
    ) -> None:
        self._channel = channel
        self._project = project
        self._ended = ended
        self._followed: frozenset[str] | None = None
        self._attached: Runner | None = None
        self._is_closed = False
        self._beating: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self._actions: dict[str, Callable[[Request], Coroutine[None, None, None]]] = {
            "status": self._status,
            "up": self._up,
            "start": self._start,
            "stop": self._stop,
            "down": self._down,
            "restart": self._restart,
            "follow": self._follow,
            "attach": self._attach,
            "resize": self._resize,
            "environment": self._environment,
            "database": self._database,
            "facts": self._facts,
        }
        asyncio.get_running_loop().add_reader(channel.fileno(), self._read)

    def close(self) -> None:
        """Ends it; again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._beating is not None:
            self._beating.cancel()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._channel.fileno())
        loop.remove_writer(self._channel.fileno())
        self._stop_observing()
        for task in self.tasks:
            task.cancel()
        self._channel.drain(100)
        self._channel.close()
        self._ended(self)

    def _read(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            self.close()
            return
        for message in messages:
            if "input" in message:
                self._type(message["input"])
                continue
            try:
                self._begin(parse_request(message))
            except BrokenMessage as error:
                self.send(refusal_json(error))

    def _begin(self, request: Request) -> None:
        if len(self.tasks) < _MOST_AT_ONCE:
            begin(self._carry_out(request), self.tasks)
            self._beat_later()
        else:
            self.send(refusal_json(BadInput("too much is asked at once")))

    def _beat_later(self) -> None:
        if self._beating is None:
            loop = asyncio.get_running_loop()
            self._beating = loop.call_later(BEAT_MS / 1000, self._beat)

    def _beat(self) -> None:
        """Whoever waits for something that takes long hears that somebody is still at it."""
        self._beating = None
        if self.tasks:
            self.send({"alive": True})
            self._beat_later()

    async def _carry_out(self, request: Request) -> None:
        try:
            await self._actions[request.action](request)
        except HomeportError as error:
            self.send(refusal_json(error))

    def send(self, message: dict[str, object]) -> None:
        """Says something, as far as the other side takes it; raises `BrokenMessage`."""
        if self._channel.ended:
            return
        self._channel.send(message)
        if self._channel.wants_write:
            asyncio.get_running_loop().add_writer(self._channel.fileno(), self._write)
        self._close_if_gone()

    def _close_if_gone(self) -> None:
        """Ends it where nobody is there, or does not read."""
        if self._channel.ended:
            # Later, as somebody may be going through all conversations.
            asyncio.get_running_loop().call_soon(self.close)

    def _write(self) -> None:
        self._channel.flush()
        if not self._channel.wants_write:
            asyncio.get_running_loop().remove_writer(self._channel.fileno())
        self._close_if_gone()

    # As an observer.

    def line(self, service: str, text: str) -> None:
        """A service has printed a line."""
        if self._followed is not None and (not self._followed or service in self._followed):
            self.send({"line": {"service": service, "text": text}})

    def change(self, status: ServiceStatus) -> None:
        """A service is not as it was."""
        if not self._followed or status.name in self._followed:
            self.send({"change": service_json(status)})

    def _observe(self) -> None:
        if self not in self._project.supervisor.observers:
            self._project.supervisor.observers.append(self)

    def _stop_observing(self) -> None:
        observers = self._project.supervisor.observers
        if self in observers:
            observers.remove(self)
        if self._attached is not None:
            self._attached.on_raw = None

    # What can be asked.

    async def _status(self, request: Request) -> None:
        del request
        self.send({"status": status_json(self._project.supervisor.status())})

    async def _up(self, request: Request) -> None:
        self._project.refuse_at_the_end()
        self._observe()
        await self._project.apply()
        self._project.supervisor.start(request.services)
        await self._settled(request)

    async def _start(self, request: Request) -> None:
        self._project.refuse_at_the_end()
        self._observe()
        self._project.supervisor.start(request.services)
        await self._settled(request)

    async def _stop(self, request: Request) -> None:
        self._observe()
        self._project.supervisor.stop(request.services, force=request.force)
        await self._settled(request)

    async def _restart(self, request: Request) -> None:
        self._project.refuse_at_the_end()
        self._observe()
        self._project.supervisor.restart(request.services)
        await self._settled(request)

    async def _down(self, request: Request) -> None:
        self._observe()
        self._project.end(force=request.force)
        await self._project.supervisor.until(self._project.supervisor.at_rest)
        self.send({"status": status_json(self._project.supervisor.status())})

    async def _settled(self, request: Request) -> None:
        supervisor = self._project.supervisor
        await supervisor.until(lambda: supervisor.settled(request.services))
        self.send({"status": status_json(supervisor.status())})

    async def _follow(self, request: Request) -> None:
        runners = self._project.supervisor.named(request.services)
        for runner in runners:
            for text in runner.log.last(request.tail):
                self.send({"line": {"service": runner.name, "text": text}})
        self._followed = frozenset(request.services)
        self._observe()
        self.send({"following": True})

    async def _environment(self, request: Request) -> None:
        self.send({"environment": self._project.environment(request.services)})

    async def _facts(self, request: Request) -> None:
        (runner, *_) = self._project.supervisor.named(request.services)
        self.send({"facts": dict(runner.assembled.facts)})

    async def _database(self, request: Request) -> None:
        steps = self._project.database_steps(request.services, request.what)
        self.send({"steps": [step._asdict() for step in steps]})

    async def _attach(self, request: Request) -> None:
        (runner, *others) = self._project.supervisor.named(request.services)
        if others:
            raise BadInput("one service can be attached to", next_step="name it")
        if not runner.programs:
            raise NotFound(f"{runner.name} does not run", next_step="homeport ps")
        if runner.on_raw is not None:
            raise HomeportError(f"somebody is attached to {runner.name} already")
        self._attached = runner
        runner.on_raw = self._show
        runner.programs.resize(request.rows, request.columns)
        self.send({"attached": runner.name})
        # Where a debugger waits, its prompt was printed before anybody was there to see it.
        self._show("\r\n".join(runner.log.last(_SHOWN_LINES)).encode())
        await self._project.supervisor.until(lambda: not runner.programs)
        self.send({"detached": runner.reason or "it has ended"})

    def _show(self, data: bytes) -> None:
        self.send({"output": base64.b64encode(data).decode("ascii")})

    def _type(self, typed: object) -> None:
        if self._attached is None or not isinstance(typed, str) or len(typed) > _MOST_INPUT:
            return
        try:
            data = base64.b64decode(typed, validate=True)
        except ValueError:
            return
        self._attached.programs.type_into(data)

    async def _resize(self, request: Request) -> None:
        for runner in self._project.supervisor.named(request.services):
            runner.programs.resize(request.rows, request.columns)
