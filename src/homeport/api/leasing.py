"""Leases: ports that are promised, and who has one that was wanted."""

from __future__ import annotations

from homeport.model.lease import LEASED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from homeport.model.lease import LeaseFacts, LeaseKey, PortTaken
    from homeport.model.port import PortRange
    from homeport.run.leases import Lease


def lease(
    name: str | None = None,
    *,
    project: str | None = None,
    port: int | None = None,
    transport: str = "tcp",
    span: PortRange = LEASED,
    let_go: bool = False,
) -> Lease:
    """A port that nobody else gets until the lease is released; a context manager, sync and async.

    With a `name` it is the same port each time, as long as that is free: the name is one within
    the project, or git worktree, that the directory `project` (None: the working directory) lies
    in. Without one it is any port of `span`. A `port` is that one or none. `transport` is `tcp` or
    `udp`. `let_go` says that the server will bind without SO_REUSEADDR, after `Lease.let_go`.
    Raises `PortTaken`, which tells who has the port, `NoPortLeft`, `BadInput`, `NotPermitted`.
    """
    from homeport.model.lease import PortTaken
    from homeport.run.leases import acquire
    from homeport.run.leases.key import checked

    key, of = checked(name, project=project, port=port, transport=transport, span=span)
    try:
        return acquire(key, port=port, transport=of, span=span, strict=let_go)
    except PortTaken as taken:
        raise _with_holder(taken) from None


def acquire(key: LeaseKey, port: int | None = None) -> Lease:
    """The lease of a service; raises as `lease`."""
    from homeport.model.lease import PortTaken
    from homeport.run.leases import acquire as acquired

    try:
        return acquired(key, port=port)
    except PortTaken as taken:
        raise _with_holder(taken) from None


def _with_holder(taken: PortTaken) -> PortTaken:
    """The same, saying who has the port and what to do."""
    from homeport.api.seeing import snapshot
    from homeport.run.leases import taken_by_lease
    from homeport.see.taken import who_has

    end = taken.endpoint
    listens = who_has(end, snapshot(connections=False, unix=False))
    why = listens or taken_by_lease(end) or "a socket that does not listen has it"
    step = f"homeport kill {end.port} ends that" if listens else f"homeport explain {end.port}"
    return type(taken)(
        taken.what,
        endpoint=end,
        why=why,
        next_step=f"{step}; or leave the port out to get a free one",
    )


def leases() -> list[LeaseFacts]:
    """The leases of this user in this network namespace; what dead ones left is removed."""
    from homeport.run.leases import listed

    return listed()


def become(argv: Sequence[str], environment: Mapping[str, str], lease: Lease) -> NoReturn:
    """Replaces this process by a program that has the lease as long as it lives.

    Raises `NotFound`, `NotPermitted` or `HomeportError` where there is no such program.
    """
    from homeport.host.becoming import become as became

    became(argv, environment, lease.fds)


def keep(lease: Lease, pid: int | None = None) -> int:
    """Lets a process in the background have the lease until process `pid` ends; gives its pid.

    None is the program that started this one, not a subshell of it. This process releases the
    lease. Raises `NotFound`,
    `NotSupported`.
    """
    from homeport.host.becoming import keep_while, who_asked

    keeper = keep_while(who_asked() if pid is None else pid, lease.fds)
    lease.hand_to(keeper)
    return keeper


def kept(
    name: str, *, project: str | None = None, transport: str = "tcp", pid: int | None = None
) -> LeaseFacts | None:
    """The lease of that name that is kept already for process `pid`; see `keep` and `lease`."""
    from homeport.host.becoming import kept_for, who_asked
    from homeport.run.leases.key import checked

    key, of = checked(name, project=project, port=None, transport=transport, span=LEASED)
    asked = who_asked() if pid is None else pid
    same = (facts for facts in leases() if (facts.key, facts.transport) == (key, of))
    return next((facts for facts in same if facts.pid and asked in kept_for(facts.pid)), None)
