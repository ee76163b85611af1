"""Closing what a forked process has inherited and must not keep."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection


def close_all_but(kept: Collection[int]) -> None:
    """Closes every descriptor above 2 that is not to be kept.

    They are listed: closing all numbers that there may be takes minutes where close_range(2) is
    missing and the limit is a thousand million, as in many containers.
    """
    for name in os.listdir(_directory()):
        number = int(name)
        if number > 2 and number not in kept:
            with suppress(OSError):  # the one of the listing itself
                os.close(number)


def _directory() -> str:
    # /dev/fd is a link that udev makes; a bare /dev has none.
    return "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
