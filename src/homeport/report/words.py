"""Single facts in words: how long ago, how far a listener reaches."""

from __future__ import annotations

import time

from homeport.model.address import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.model.sockets import Listener

_REACH = {
    Scope.LOOPBACK: "this machine",
    Scope.LINK_LOCAL: "this link",
    Scope.PRIVATE: "this network",
    Scope.GLOBAL: "the internet",
    Scope.UNSPECIFIED: "any network",
    Scope.MULTICAST: "a group",
    Scope.RESERVED: "nobody",
}
_SECOND_NS = 1_000_000_000
_STEPS = ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def reach(listener: Listener) -> str:
    """Who can reach a listener, as its address claims: `this machine`, `any network`."""
    if listener.endpoint.interface == "lo":
        return _REACH[Scope.LOOPBACK]
    return _REACH[listener.scope]


def ago(then_ns: int | None, now_ns: int) -> str:
    """The time between two moments in its largest full unit: `3 min`; empty where unknown."""
    if then_ns is None:
        return ""
    seconds = max(0, now_ns - then_ns) // _SECOND_NS
    for length, unit in _STEPS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"


def utc(moment_ns: int | None) -> str | None:
    """A moment (nanoseconds since the epoch) in ISO 8601, UTC, to the millisecond."""
    if moment_ns is None:
        return None
    seconds, rest = divmod(moment_ns, _SECOND_NS)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{rest // 1_000_000:03}Z"


def oldest_first(owners: tuple[Process, ...]) -> list[Process]:
    """The holders of a socket, the one that forked the others first."""
    return sorted(owners, key=lambda owner: (owner.start_ticks, owner.pid))
