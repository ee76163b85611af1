"""Who died of late, as the kernel's log tells: /dev/kmsg, as far as it may be read. Linux."""

from __future__ import annotations

import os
import time

from homeport.model.record import NamedTuple
from homeport.wire.kernel_log import Death, parse_death

_MOST_RECORDS = 20_000
_LONGEST = 8192
_MICROSECOND_NS = 1000


class Died(NamedTuple):
    """A death, and how many nanoseconds ago."""

    death: Death
    ago_ns: int


def deaths(within_ns: int, path: str = "/dev/kmsg") -> tuple[Died, ...] | None:
    """Those of the last `within_ns`, the latest first; None where the log is closed to us."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    now_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    found: list[Died] = []
    try:
        for _ in range(_MOST_RECORDS):
            death = _next(descriptor)
            if death is not None:
                found.append(Died(death, now_ns - death.at_us * _MICROSECOND_NS))
    except EOFError:
        pass
    finally:
        os.close(descriptor)
    return tuple(each for each in reversed(found) if each.ago_ns <= within_ns)


def _next(descriptor: int) -> Death | None:
    """The next record's; raises `EOFError` where there is none."""
    try:
        record = os.read(descriptor, _LONGEST)
    except BrokenPipeError:  # records were overwritten meanwhile: the next read goes on
        return None
    except OSError as error:
        raise EOFError from error
    if not record:
        raise EOFError
    return parse_death(record)
