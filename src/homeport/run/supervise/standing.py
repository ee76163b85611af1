"""What is told of a service beside its phase: since when, why, how long its start took."""

from __future__ import annotations

from homeport.host.clock import MILLISECOND_NS
from homeport.run.supervise.states import SHOWN, Phase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.host.clock import Clock

_NOBODY_WONDERS = (Phase.STOPPED, Phase.DONE, Phase.STOPPING, Phase.RESTARTING)


class Standing:
    """How a service stands. `began_at_ns` is when its run began, nanoseconds since the epoch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_ns = 0
        self.began_at_ns: int = 0
        self.changed_ns: int = clock.now_ns()
        self.starting_ms: int | None = None
        self.restarts: int = 0
        self.reason: str | None = None

    def come_into(self, phase: Phase, before: Phase) -> None:
        """It goes from one phase over into another one."""
        if SHOWN[phase] is not SHOWN[before]:
            self.changed_ns = self._clock.now_ns()
        if phase is Phase.NEEDING:
            self._began_ns = self._clock.monotonic_ns()
            self.began_at_ns = self._clock.now_ns()
        elif phase is Phase.READY:
            self.reason = None
            if before is Phase.FINISHING:
                self.starting_ms = (self._clock.monotonic_ns() - self._began_ns) // MILLISECOND_NS
        elif phase is Phase.WAITING:
            self.restarts += 1
        elif phase in _NOBODY_WONDERS:
            self.reason = None
