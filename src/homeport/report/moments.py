"""Moments and stretches of time for people, in the machine's own time zone."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.event import Tenancy

_SECOND_NS = 1_000_000_000


def local(moment_ns: int) -> str:
    """A moment in full: `2026-11-23 14:02:11`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment_ns // _SECOND_NS))


def short(moment_ns: int, now_ns: int) -> str:
    """A moment as briefly as it is clear: today without the date, this year without the year."""
    then = time.localtime(moment_ns // _SECOND_NS)
    now = time.localtime(now_ns // _SECOND_NS)
    if then[:3] == now[:3]:
        return time.strftime("%H:%M:%S", then)
    if then.tm_year == now.tm_year:
        return time.strftime("%m-%d %H:%M:%S", then)
    return time.strftime("%Y-%m-%d %H:%M", then)


def passed(tenancy: Tenancy) -> bool:
    """Whether only the end of the socket was seen."""
    at_once = tenancy.closed_known and tenancy.closed_ns == tenancy.seen_ns
    return at_once and tenancy.opened_ns is None


def opened(tenancy: Tenancy, now_ns: int) -> str:
    """When it opened; `by 14:02:11` where it was open before anybody looked."""
    text = short(tenancy.seen_ns, now_ns)
    return text if tenancy.opened_ns is not None or passed(tenancy) else f"by {text}"


def closed(tenancy: Tenancy, now_ns: int) -> str:
    """When it closed; `after 14:02:11` where that was when it was last seen."""
    if tenancy.closed_ns is None:
        return "open now"
    if passed(tenancy):
        return "at once"
    text = short(tenancy.closed_ns, now_ns)
    return text if tenancy.closed_known else f"after {text}"
