"""`up`: in this process, in the background, or by asking the supervisor that is there already."""

from __future__ import annotations

import os
from contextlib import suppress

from homeport.host.background import in_background, lines_of
from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock
from homeport.host.outlet import Outlet
from homeport.model.errors import HomeportError
from homeport.model.route import ServiceState
from homeport.run.supervise.client import Ending, connect, raise_refusal, refusal_json
from homeport.run.supervise.following import carried_out, heard
from homeport.run.supervise.starting import claim, supervise
from homeport.wire.json_lines import LineDecoder, encode
from homeport.wire.supervision import Request, service_json, status_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.service import Declaration
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.manner import Manner
    from homeport.run.supervise.starting import Audience, Claim

_WAIT_NS, _LOOK_AGAIN_NS = 60 * SECOND_NS, 50 * MILLISECOND_NS
_NOT_WELL = frozenset((ServiceState.FAILED, ServiceState.UNHEALTHY))


def bring_up(
    declare: Callable[[], Declaration],
    *,
    audience: Audience,
    manner: Manner,
    background: bool,
) -> int:
    """See `homeport.api.up`."""
    declared, clock = declare(), Clock()
    deadline_ns = clock.monotonic_ns() + _WAIT_NS
    while True:
        taken = claim(declared.root, declared.name, waiting=audience.waiting, clock=clock)
        if taken.locks:
            break
        try:
            return _join(taken, audience, manner.services)
        except Ending:
            if clock.monotonic_ns() > deadline_ns:
                raise
        # Its control socket goes in a moment, then its lock.
        clock.wait((), _LOOK_AGAIN_NS)
    if background:
        return _in_background(declare, taken, audience, manner)
    return supervise(declare, taken, audience, manner)


def _join(taken: Claim, audience: Audience, services: tuple[str, ...]) -> int:
    """Has the supervisor that runs already read the declaration again."""
    client = connect(taken.instance.control_path)
    if client is None:
        raise Ending("the supervisor has just ended", next_step="homeport up starts it again")
    with client:
        status = carried_out(client, Request("up", services), audience)
    audience.settled(status)
    return _exit_status(status)


def _exit_status(status: ProjectStatus) -> int:
    return 1 if any(each.state in _NOT_WELL for each in status.services) else 0


def _in_background(
    declare: Callable[[], Declaration],
    taken: Claim,
    audience: Audience,
    manner: Manner,
) -> int:
    def work(writing: int) -> int:
        teller = _Teller(writing)
        try:
            return supervise(declare, taken, teller, manner._replace(ends_by_itself=False))
        except HomeportError as error:
            teller.refuse(error)
            return 1

    reading = in_background(work, taken.instance.supervisor_log)
    taken.close()
    try:
        return _listen(reading, audience, taken)
    finally:
        os.close(reading)


def _listen(reading: int, audience: Audience, taken: Claim) -> int:
    decoder = LineDecoder()
    while pieces := lines_of(reading):
        for message in decoder.feed(b"".join(piece + b"\n" for piece in pieces)):
            if "refused" in message:
                raise_refusal(message)
            status = heard(message, audience)
            if status is not None:
                audience.settled(status)
                return _exit_status(status)
    raise HomeportError(
        "the supervisor ended before it was done",
        next_step=f"what it complained of: {taken.instance.supervisor_log}",
    )


class _Teller:
    """Tells the process that went into the background's starter what happens, until all settled.

    Never waits: a starter that was stopped (Ctrl-Z) must not stop the services.
    """

    def __init__(self, writing: int) -> None:
        os.set_blocking(writing, False)
        self._outlet = Outlet(writing, self._end_after_the_last)
        self._is_last = False

    def line(self, service: str, text: str) -> None:
        """Lines are not for the one who starts something in the background."""

    def change(self, status: ServiceStatus) -> None:
        """Passed on."""
        self._tell({"change": service_json(status)})

    def settled(self, status: ProjectStatus) -> None:
        """The last thing that the starter waits for."""
        self._is_last = True
        self._tell({"status": status_json(status)})

    def waiting(self, what: str) -> None:
        """Only happens before."""

    def refuse(self, error: HomeportError) -> None:
        """It came to nothing; said after the event loop, unless all had settled before."""
        self._tell(refusal_json(error))
        if not self._outlet.closed:
            with suppress(OSError):
                self._outlet.drain()
            self._outlet.close()

    def _tell(self, message: dict[str, object]) -> None:
        if self._outlet.closed:
            return
        try:
            self._outlet.write(encode(message))
        except OSError:
            self._outlet.close()  # the starter was interrupted: the services run on
        else:
            self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self._is_last and not self._outlet.unsent:
            self._outlet.close()
