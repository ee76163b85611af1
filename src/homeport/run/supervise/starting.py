"""From a directory to services that run: in this process, or in the background.

Of several at once for one directory one runs the services; the others find its control socket.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from homeport.host import control
from homeport.host.clock import SECOND_NS, Clock
from homeport.host.files import make_private
from homeport.host.locking import try_lock
from homeport.host.shim import take_more_open_files
from homeport.model.errors import HomeportError, StateUnusable
from homeport.model.running import Stdio
from homeport.run.supervise.guarding import Failures, GuardedAudience
from homeport.run.supervise.instance import instance_of
from homeport.run.supervise.keeping import noted_runtime_dir
from homeport.run.supervise.project import ProjectRun
from homeport.run.supervise.serving import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeport.model.service import Declaration
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.instance import Instance
    from homeport.run.supervise.manner import Manner

_WAIT_NS = 60 * SECOND_NS
_LOOK_AGAIN_NS = SECOND_NS // 100


class Audience(Protocol):
    """Who is told what happens while services run."""

    def line(self, service: str, text: str) -> None:
        """A service has printed a line, which is safe for a terminal."""

    def change(self, status: ServiceStatus) -> None:
        """A service is not as it was."""

    def settled(self, status: ProjectStatus) -> None:
        """Each service that was to start is ready, or will not be."""

    def waiting(self, what: str) -> None:
        """It takes a while, because of this."""


class Claim:
    """The right to run the services of an instance: its locks, or what keeps us from it.

    `locks` are descriptors; there are none where another supervisor has them.
    """

    def __init__(self, instance: Instance, locks: tuple[int, ...] = ()) -> None:
        self.instance = instance
        self.locks = locks

    def close(self) -> None:
        """Lets go of the locks in this process; who inherited them still has them."""
        for lock in self.locks:
            os.close(lock)


def claim(
    root: str, label: str, *, waiting: Callable[[str], None], clock: Clock, part: str = ""
) -> Claim:
    """Takes the locks of a directory's instance, if no supervisor has them.

    `part` tells instances of one directory apart that are to run beside each other.

    Where none is left but services of an earlier one are still being ended, waits for that. Raises
    `HomeportError` where that does not come to an end, and where they are another's.
    """
    instance = instance_of(root, label, part)
    make_private(instance.runtime_dir)
    deadline_ns = clock.monotonic_ns() + _WAIT_NS
    told = False
    while (lock := try_lock(instance.lock_path)) is None:
        channel = control.connect(instance.control_path)
        if channel is not None:
            channel.close()
            return Claim(instance)
        if clock.monotonic_ns() > deadline_ns:
            raise HomeportError(
                f"services of an earlier run of {root} do not end",
                next_step=f"see which processes: fuser {instance.lock_path}",
            )
        if not told:
            waiting("services of the last run are being ended")
            told = True
        clock.wait((), _LOOK_AGAIN_NS)
    return Claim(instance, (lock, *_lock_of_data(instance, lock)))


def _lock_of_data(instance: Instance, lock: int) -> tuple[int, ...]:
    """The lock that lies with the data; raises `HomeportError` where it is held, and drops `lock`.

    Then services run that are asked in another runtime directory (su(1), cron), or in one that
    was deleted: a second server on the same data would lose what the first one has promised.
    """
    try:
        of_data = try_lock(instance.data_lock_path)
    except StateUnusable:
        return ()  # there is no place for data, or one that cannot be locked
    if of_data is not None:
        return (of_data,)
    os.close(lock)
    where = noted_runtime_dir(instance) or "another directory"
    raise HomeportError(
        f"services of {instance.root} run already, and cannot be asked from here",
        why=f"they were started where XDG_RUNTIME_DIR led to {where}",
        next_step=f"stop them there, or see which processes: fuser {instance.data_lock_path}",
    )


def supervise(
    declare: Callable[[], Declaration], taken: Claim, audience: Audience, manner: Manner
) -> int:
    """Runs the services until a signal or a client ends that; the exit status.

    Raises what is wrong with the declaration.
    """
    if not taken.locks:
        raise AssertionError("another supervisor runs these services")
    take_more_open_files()
    project = ProjectRun(declare, taken.instance, taken.locks, manner)
    try:
        return asyncio.run(_supervised(project, audience, manner))
    finally:
        project.close()
        taken.close()


async def _supervised(project: ProjectRun, audience: Audience, manner: Manner) -> int:
    _heed_signals(project, manner)
    server = Server(project.instance.control_path, project)
    try:
        project.open()
        project.supervisor.named(manner.services)
        server.open()
        guarded = GuardedAudience(audience, project.end)
        project.supervisor.observers.append(guarded)
        running = asyncio.create_task(project.run(manner.services))
        failures = Failures(project.end, running.cancel)
        await _to_the_end(project, running, guarded, manner)
        await server.finish()
    finally:
        server.close()
        project.unlink()
    if (error := failures.first or guarded.error) is not None:
        raise error
    return project.exit_status()


async def _to_the_end(
    project: ProjectRun, running: asyncio.Task[None], audience: GuardedAudience, manner: Manner
) -> None:
    supervisor, services = project.supervisor, manner.services
    await _either(running, supervisor.until(lambda: supervisor.settled(services)))
    if not running.done():
        audience.settled(supervisor.status())
    if manner.ends_by_itself:
        await _either(running, supervisor.until(project.is_over))
        project.end()
    with suppress(asyncio.CancelledError):  # given up, after a bug
        await running


async def _either(running: asyncio.Task[None], condition: Coroutine[None, None, None]) -> None:
    """Waits for the end of everything, or for a condition; one that fails has come."""
    waiting = asyncio.create_task(condition)
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def _heed_signals(project: ProjectRun, manner: Manner) -> None:
    """The first one ends everything in good order, a second one does not wait."""
    loop = asyncio.get_running_loop()
    came = [0]

    def asked() -> None:
        came[0] += 1
        project.end(force=came[0] > 1)

    if manner.ends_with is not None:
        loop.add_reader(manner.ends_with, _end_with, project, manner.ends_with)
    interrupted = asked if manner.stdio is Stdio.TERMINAL else _leave_it_to_the_program
    handlers = {signal.SIGTERM: asked, signal.SIGHUP: asked, signal.SIGINT: interrupted}
    for number, handler in handlers.items():
        # What `nohup` and a shell's `&` have us ignore is ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, handler)


def _end_with(project: ProjectRun, descriptor: int) -> None:
    """Ends everything once nothing more can come; what does come says nothing."""
    if not os.read(descriptor, 4096):
        asyncio.get_running_loop().remove_reader(descriptor)
        project.end()


def _leave_it_to_the_program() -> None:
    """Ctrl-C reaches the whole foreground group of a terminal."""
