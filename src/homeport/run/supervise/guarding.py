"""What must not leave a supervisor half-way: an audience that is gone, and a bug of our own.

Either ends everything in good order, within a time; then whoever called hears of it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.starting import Audience

_LONGEST_END_S = 60.0


class GuardedAudience:
    """Passes on what happens until the audience cannot be told: its terminal or pipe is gone.

    `gone` is called then, once; `error` is what was raised.
    """

    def __init__(self, audience: Audience, gone: Callable[[], None]) -> None:
        self._audience = audience
        self._gone = gone
        self.error: OSError | None = None

    def line(self, service: str, text: str) -> None:
        """A line that a service has printed."""
        self._tell(lambda: self._audience.line(service, text))

    def change(self, status: ServiceStatus) -> None:
        """A service is not as it was."""
        self._tell(lambda: self._audience.change(status))

    def settled(self, status: ProjectStatus) -> None:
        """Each service that was to start is ready, or will not be."""
        self._tell(lambda: self._audience.settled(status))

    def _tell(self, tell: Callable[[], None]) -> None:
        if self.error is None:
            try:
                tell()
            except OSError as error:
                self.error = error
                # Later: this may be in the midst of a change of one service.
                asyncio.get_running_loop().call_soon(self._gone)


class Failures:
    """What callbacks and tasks of the event loop raise, which nobody else would see.

    Each is shown. With the first one `end` is called, and `give_up` where that has come to nothing.
    """

    def __init__(self, end: Callable[[], None], give_up: Callable[[], object]) -> None:
        self.first: BaseException | None = None
        self._end = end
        self._give_up = give_up
        asyncio.get_running_loop().set_exception_handler(self._failed)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if not isinstance(error, BaseException):
            loop.default_exception_handler(context)
            return
        sys.excepthook(type(error), error, error.__traceback__)
        if self.first is None:
            self.first = error
            loop.call_soon(self._end)
            loop.call_later(_LONGEST_END_S, self._give_up)
