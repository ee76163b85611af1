"""The looks at one run of a service: is it ready, where does it listen, does it stay well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.model.service import SECOND_MS, CheckKind
from homeport.run.supervise import probes
from homeport.run.supervise.reach import elsewhere, listeners, reach_notes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeport.run.supervise.assembly import Assembled
    from homeport.run.supervise.logs import Log

_WONDER_S = 3.0
_FOR_EVER_MS = 365 * 24 * 3600 * SECOND_MS


class Looks(NamedTuple):
    """Looks at the program `pid` of a service, within an event loop.

    `patient`: it may take for ever, as what a person runs in a terminal need not listen at all.
    """

    assembled: Assembled
    pid: int | None
    log: Log
    patient: bool = False

    async def until_ready(self) -> str | None:
        """Waits until it is ready; why it is not in time: a clause that goes after its name."""
        check = self.assembled.ready
        if self.patient:
            check = check._replace(timeout_ms=_FOR_EVER_MS)
        failure = await probes.until_ready(check, self._target(), self.log)
        if failure is None:
            return None
        where = self._elsewhere()
        return failure if where is None else f"{failure}; it {where}"

    async def wonder(self) -> str | None:
        """Where it listens instead, once it takes longer than most."""
        await asyncio.sleep(_WONDER_S)
        return self._elsewhere()

    def notes(self) -> tuple[str, ...]:
        """What nobody may have meant, now that it is ready."""
        return reach_notes(listeners(self.pid))

    def health(self) -> AsyncGenerator[str | None]:
        """As `probes.health`; nothing where no check is declared."""
        check = self.assembled.service.health or probes.NO_CHECK
        return probes.health(check, self._target())

    def _elsewhere(self) -> str | None:
        place = self.assembled.place
        waits_there = self.assembled.has_port and self.assembled.ready.kind is not CheckKind.LOG
        return elsewhere(listeners(self.pid), place.port) if waits_there else None

    def _target(self) -> probes.Target:
        place, service = self.assembled.place, self.assembled.service
        return probes.Target(
            address=place.address,
            port=place.port,
            env=self.assembled.env,
            directory=service.directory,
            pid=self.pid,
            user=service.user,
        )
