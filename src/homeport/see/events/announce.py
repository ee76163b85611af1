"""Tells of events outside: by a command of somebody's, by a notification on the desktop."""

from __future__ import annotations

from homeport.host.notify import Job, Runner, command_of, notification, require_desktop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO

    from homeport.host.clock import Clock
    from homeport.model.event import Event


class Announcer:
    """Runs a command and shows a notification for each event; call `tick` now and then.

    `command` is split into words without a shell, and gets what `environment` makes of the event;
    its output goes to `output` (None: nowhere). `desktop` says in two texts what is shown. Raises
    `BadInput` and `NotSupported` when made.
    """

    def __init__(
        self,
        command: str | None,
        *,
        environment: Callable[[Event], dict[str, str]],
        desktop: Callable[[Event], tuple[str, str]] | None,
        output: IO[bytes] | int | None,
        clock: Clock,
    ) -> None:
        self._argv = None if command is None else command_of(command)
        self._environment = environment
        self._desktop = desktop
        if desktop is not None:
            require_desktop()
        self._runner = Runner(clock, output=output)

    @property
    def busy(self) -> bool:
        """Whether something runs or waits to: then `tick` is wanted within a second."""
        return self._runner.busy

    def tell(self, events: Iterable[Event]) -> None:
        """Starts what these events call for."""
        for event in events:
            if self._argv is not None:
                environment = self._environment(event)
                self._runner.add(Job(self._argv, _without_nul(environment)))
            if self._desktop is not None:
                self._runner.add(Job(notification(*self._desktop(event)), {}))

    def tick(self) -> None:
        """Takes leave of what ended."""
        self._runner.tick()

    def notices(self) -> list[str]:
        """What went wrong, each thing once."""
        said, self._runner.notices = self._runner.notices, []
        return said

    def close(self) -> None:
        """Waits for what still runs, at most its time limit."""
        self._runner.close()


def _without_nul(environment: dict[str, str]) -> dict[str, str]:
    # environ(7): a value ends at the first NUL. Python refuses to cut one, and would raise.
    return {name: value.replace("\0", " ") for name, value in environment.items()}
