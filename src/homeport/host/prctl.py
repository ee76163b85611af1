"""What a process asks of the kernel about itself: prctl(2). Linux."""

from __future__ import annotations

import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ctypes

# include/uapi/linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """Makes this process the parent of all orphans among its descendants; False: impossible.

    It stays so across exec and is not inherited by fork (PR_SET_CHILD_SUBREAPER, Linux 3.4).
    """
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int) -> bool:
    """Has this process get a signal once its parent has ended; False: impossible.

    Becoming another user forgets it (PR_SET_PDEATHSIG).
    """
    return _prctl(_PR_SET_PDEATHSIG, number)


def name_process(name: str) -> bool:
    """What ps and top call this process, at most 15 bytes of it."""
    return _prctl(_PR_SET_NAME, name.encode()[:15])


def _prctl(option: int, argument: int | bytes) -> bool:
    libc = _libc()
    return libc is not None and libc.prctl(option, argument, 0, 0, 0) == 0


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    import ctypes  # 3 ms, which only those who run something have to spend

    libc = ctypes.CDLL(None)
    rest = [ctypes.c_ulong] * 3
    libc.prctl.argtypes = [ctypes.c_int, ctypes.c_void_p, *rest]
    return libc
