"""Time as an argument: what the clocks say, waiting, being woken, and which boot this is.

Whatever acts over time takes a `Clock`, so that a test can hold time still.
"""

from __future__ import annotations

import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import HasFileno

MILLISECOND_NS = 1_000_000
SECOND_NS = 1_000_000_000


class Clock:
    """The system's clocks. All times are integer nanoseconds."""

    def now_ns(self) -> int:
        """The time of day, since the epoch (UTC); it may jump."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """A time that never jumps, from an arbitrary start."""
        return time.monotonic_ns()

    def cpu_ns(self) -> int:
        """The processor time that the calling thread has used."""
        return time.thread_time_ns()

    def wait(self, sources: Iterable[HasFileno], timeout_ns: int | None) -> list[HasFileno]:
        """Those sources that can be read or have hung up; none of them when the time is up.

        A `timeout_ns` of None waits for as long as it takes; an interrupting signal does not end
        the wait (PEP 475).
        """
        # poll() and not select(): descriptors above 1023 exist on a busy machine.
        poller = select.poll()
        by_descriptor = {source.fileno(): source for source in sources}
        for descriptor, source in by_descriptor.items():
            poller.register(descriptor, 0 if isinstance(source, HangUp) else select.POLLIN)
        timeout_ms = None if timeout_ns is None else max(0, -(-timeout_ns // MILLISECOND_NS))
        return [by_descriptor[descriptor] for descriptor, _ in poller.poll(timeout_ms)]


class HangUp:
    """A pipe or socket that is waited for only until nobody is left at its other side."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor


class Waker:
    """Ends a wait from another thread or from a signal handler."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._reading

    @property
    def writing(self) -> int:
        """The descriptor that `signal.set_wakeup_fd` takes."""
        return self._writing

    def wake(self) -> None:
        """Lets the wait end; safe in a signal handler, and after `close`."""
        try:
            os.write(self._writing, b"\0")
        except (BlockingIOError, OSError):
            return  # full: it is awake already; closed: nobody waits

    def drain(self) -> bool:
        """Takes back all calls of `wake`; whether there were any."""
        woken = False
        try:
            while os.read(self._reading, 4096):
                woken = True
        except BlockingIOError:
            return woken
        return woken

    def close(self) -> None:
        """Gives the descriptors back."""
        for descriptor in (self._reading, self._writing):
            os.close(descriptor)


def boot_id(proc: str = "/proc") -> str:
    """A text that differs from one boot of the machine to the next.

    Linux: random(4), /proc/sys/kernel/random/boot_id. Elsewhere, and where /proc shows processes
    only: the second of the boot.
    """
    try:
        with open(f"{proc}/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return f"booted-{_boot_second()}"


def _boot_second() -> int:
    if hasattr(time, "CLOCK_BOOTTIME"):
        return (time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)) // SECOND_NS
    import psutil  # the portable path only

    return int(psutil.boot_time())
