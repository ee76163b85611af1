"""Whether a service is ready, and whether it stays well: looks, one after the other.

A look says nothing, or in words why the service is not well. Between looks there is a pause that
grows with the time that has passed: who comes up fast is seen at once, who takes long costs little.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.host.knocking import connects, http_status
from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple
from homeport.model.running import Exited, Program
from homeport.model.service import Check, CheckKind
from homeport.wire.terminal_text import without_colours

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeport.run.supervise.logs import Log

NO_CHECK = Check(CheckKind.NOTHING)
_SHORTEST_MS, _LONGEST_MS = 5, 200
# A fortieth of the time that a service has taken is what being seen late may cost.
_SHARE = 40
_MOST_MATCHED = 4096


class Target(NamedTuple):
    """A service that is looked at.

    `pid` is that of its program: then a listener that somebody else has had there before does not
    count. `env`, `directory` and `user` are for a check by a command.
    """

    address: str
    port: int
    env: tuple[tuple[str, str], ...]
    directory: str
    pid: int | None = None
    user: str | None = None


async def until_ready(
    check: Check, target: Target, log: Log, *, clock: Clock | None = None
) -> str | None:
    """Waits until the service is ready; if it is not in time, why not: words after its name.

    For a log line, what was printed since the program `target.pid` was started counts, too.
    """
    clock = clock or Clock()
    reason = "it has not answered yet"
    try:
        async with asyncio.timeout(check.timeout_ms / 1000):
            if check.kind is CheckKind.LOG:
                reason = f"no line matches {check.value!r}"
                return await _line(check, target, log)
            if check.kind is CheckKind.NOTHING:
                # Nothing tells that a worker works. That it has not ended at once is the least.
                await asyncio.sleep(_LONGEST_MS / 1000)
                return None
            began_ns = clock.monotonic_ns()
            while (why := await _look(check, target)) is not None:
                reason = why
                await asyncio.sleep(_pause_ms(clock.monotonic_ns() - began_ns) / 1000)
            reason = f"connections to port {target.port} are not accepted"
            if check.kind is CheckKind.TCP:
                await _accepted(target.port)
            return None
    except TimeoutError:
        return f"not ready after {check.timeout_ms / 1000:g} s: {reason}"


async def _accepted(port: int) -> None:
    """Waits until the connection that was just made, and closed again, is accepted.

    Another one for each look would fill the queue of a service that has inherited its listener.
    """
    if sys.platform == "linux":
        from homeport.host.listening import unaccepted

        while unaccepted(port) > 0:  # noqa: ASYNC110  (the kernel tells nobody of it)
            await asyncio.sleep(_SHORTEST_MS / 1000)


def _pause_ms(passed_ns: int) -> int:
    return min(_LONGEST_MS, max(_SHORTEST_MS, passed_ns // MILLISECOND_NS // _SHARE))


async def health(check: Check, target: Target) -> AsyncGenerator[str | None]:
    """Tells each time that a service which was well is not any more (why), or is again (None).

    It is not well after `check.failures` looks in a row. Never ends by itself, unless the check
    is of a kind that says nothing about health.
    """
    if check.kind in {CheckKind.LOG, CheckKind.NOTHING}:
        return
    failures = 0
    while True:
        await asyncio.sleep(check.interval_ms / 1000)
        why = await look_once(check, target)
        if why is None:
            if failures >= check.failures:
                yield None
            failures = 0
        else:
            failures += 1
            if failures == check.failures:
                yield why


async def look_once(check: Check, target: Target) -> str | None:
    """One look, within the time of the check; why the service is not well."""
    try:
        async with asyncio.timeout(check.timeout_ms / 1000):
            return await _look(check, target)
    except TimeoutError:
        return f"does not answer within {check.timeout_ms / 1000:g} s"


async def _look(check: Check, target: Target) -> str | None:
    match check.kind:
        case CheckKind.TCP:
            why = await connects(target.address, target.port)
            return why or await _foreign(target)
        case CheckKind.HTTP:
            status = await http_status(target.address, target.port, check.value)
            why = _status_words(status, check.value)
            return why or await _foreign(target)
        case CheckKind.COMMAND:
            return await _command(check.value, target)
        case _:
            return None


def _status_words(status: int | str, path: str) -> str | None:
    if isinstance(status, str):
        return status
    # Without a path any answer will do.
    return None if status < 400 or not path else f"it answers {path} with status {status}"


async def _foreign(target: Target) -> str | None:
    """That the one who answers was there before the service."""
    if target.pid is None or sys.platform != "linux":
        return None
    from homeport.host.listening import stranger_at

    stranger = stranger_at(target.port, target.pid)
    if stranger is None:
        return None
    # Looking at all processes again and again would take the time that the service needs.
    await asyncio.sleep(_LONGEST_MS / 1000)
    who = f"{stranger.name} {stranger.pid}" if stranger.name else f"process {stranger.pid}"
    return f"port {target.port} is {who}'s, which was there before"


async def _command(command: str, target: Target) -> str | None:
    from homeport.host.shim.awaited import run_to_end

    asked = Program(("sh", "-c", command), target.env, target.directory, target.user)
    try:
        outcome, printed = await run_to_end(asked)
    except HomeportError as error:
        return f"{command!r} cannot be run: {error}"
    if isinstance(outcome, Exited) and outcome.ok:
        return None
    words = printed.decode("utf-8", "replace").split("\n")
    said = next((line.strip() for line in reversed(words) if line.strip()), "")
    return f"{command!r} fails" + (f": {said[:200]}" if said else "")


async def _line(check: Check, target: Target, log: Log) -> str | None:
    """Waits for a line."""
    try:
        wanted = re.compile(check.value)
    except re.error as error:
        return f"cannot be seen to be ready: {check.value!r} is no regular expression: {error}"
    seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def hear(line: str) -> None:
        if not seen.done() and wanted.search(without_colours(line)[:_MOST_MATCHED]):
            seen.set_result(None)

    enough = log.listen(hear)
    try:
        for line in log.since(_started_ns(target.pid)):
            hear(line)
        await seen
        return None
    finally:
        enough()


def _started_ns(pid: int | None) -> int:
    """When the program was started; now, where that is not known."""
    if pid is not None and sys.platform == "linux":
        from homeport.host.processes import ProcessReader

        process = ProcessReader().process(pid, facts=False)
        if process is not None and process.started_ns is not None:
            return process.started_ns
    return Clock().now_ns()
