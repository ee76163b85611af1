"""Leases: ports that are promised, and who has one that was wanted."""

from __future__ import annotations

from homeport.model.lease import LEASED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.lease import LeaseFacts, PortTaken
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
