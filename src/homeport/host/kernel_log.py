"""Who died of late, and what was denied, as far as the kernel's log may be read. Linux.

That is /dev/kmsg, and for denials the log of auditd(8), which takes them away from there.
"""

from __future__ import annotations

import os
import time

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.wire.denials import Denied
    from homeport.wire.kernel_log import Death

_MOST_RECORDS = 20_000
_LONGEST = 8192
_MICROSECOND_NS = 1000
_MILLISECOND_NS = 1_000_000
_OF_AUDITD = "/var/log/audit/audit.log"
_END_OF_LOG = 1 << 18


class Died(NamedTuple):
    """A death, and how many nanoseconds ago."""

    death: Death
    ago_ns: int


def deaths(within_ns: int, path: str = "/dev/kmsg") -> tuple[Died, ...] | None:
    """Those of the last `within_ns`, the latest first; None where the log is closed to us."""
    from homeport.wire.kernel_log import parse_death

    records = _records(path)
    if records is None:
        return None
    now_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    found = [
        Died(death, now_ns - death.at_us * _MICROSECOND_NS)
        for each in records
        if (death := parse_death(each)) is not None
    ]
    return tuple(each for each in reversed(found) if each.ago_ns <= within_ns)


def denials(
    within_ns: int, path: str = "/dev/kmsg", audit: str = _OF_AUDITD
) -> tuple[Denied, ...] | None:
    """What security modules denied of TCP in the last `within_ns`, the latest first.

    None where neither log may be read.
    """
    from homeport.wire.denials import parse_denial

    records, log = _records(path), _end_of(audit)
    if records is None and log is None:
        return None
    lines = [each.decode("utf-8", "replace") for each in records or ()]
    lines += (log or b"").decode("utf-8", "replace").splitlines()
    since_ms = (time.time_ns() - within_ns) // _MILLISECOND_NS
    found = {each for line in lines if (each := parse_denial(line)) and each.at_ms >= since_ms}
    return tuple(sorted(found, key=lambda each: -each.at_ms))


def _records(path: str) -> list[bytes] | None:
    """All records; None where the log is closed to us."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return list(_read(descriptor))
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Iterator[bytes]:
    for _ in range(_MOST_RECORDS):
        try:
            record = os.read(descriptor, _LONGEST)
        except BrokenPipeError:  # records were overwritten meanwhile: the next read goes on
            continue
        except OSError:
            return
        if not record:
            return
        yield record


def _end_of(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _END_OF_LOG))
            return file.read(_END_OF_LOG)
    except OSError:
        return None
