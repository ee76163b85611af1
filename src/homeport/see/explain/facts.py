"""What explain has to know of this machine beside its sockets: gathered once, passed around."""

from __future__ import annotations

import sys

from homeport.host.kernel import KernelLimits
from homeport.model.home import Home
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError
    from homeport.model.event import Tenancy
    from homeport.model.explanation import OwnAddress
    from homeport.model.port import PortPolicy
    from homeport.model.process import Process
    from homeport.model.sockets import Connection

NO_HOME = Home()
NOTHING_KNOWN = KernelLimits(None, None, None, None, None)


class Facts(NamedTuple):
    """The kernel's settings, the caller's rights, and what was recorded.

    `services` are the bytes of the services database, None where there is none. `uid` is the
    caller's, `own_uids` those of the person behind it (with sudo there are two). `bound` are
    sockets on the port that are bound and do nothing, `history` who had the port before (None:
    never recorded), `process` is the one with the pid that was asked about. `home` is what Homeport
    itself has here.
    """

    policy: PortPolicy | None = None
    limits: KernelLimits = NOTHING_KNOWN
    may_bind_any_port: bool = False
    services: bytes | None = None
    addresses: tuple[OwnAddress, ...] = ()
    uid: int = 0
    own_uids: frozenset[int] = frozenset()
    bound: tuple[Connection, ...] = ()
    history: tuple[Tenancy, ...] | None = None
    process: Process | None = None
    shortcomings: tuple[str, ...] = ()
    home: Home = NO_HOME


def gather(port: int | None, pid: int | None = None) -> Facts:
    """Asks this machine what is needed to explain a port, a process, or neither."""
    from homeport.host import kernel
    from homeport.host.who import own_uids
    from homeport.see.explain.bound import bound_sockets

    past, trouble = (None, None) if port is None else _past(port)
    return Facts(
        policy=kernel.port_policy(),
        limits=kernel.kernel_limits(),
        may_bind_any_port=kernel.may_bind_any_port(),
        services=kernel.services_file(),
        addresses=kernel.own_addresses(),
        uid=kernel.user_id(),
        own_uids=own_uids(),
        bound=() if port is None else bound_sockets(port),
        history=past,
        process=None if pid is None else _process(pid),
        shortcomings=() if trouble is None else (f"The history was not read: {trouble}",),
    )


def _past(port: int) -> tuple[tuple[Tenancy, ...] | None, HomeportError | None]:
    """Who had the port; a history that cannot be read does not stop the explanation."""
    from homeport.model.errors import HomeportError
    from homeport.see.events.history import before

    try:
        return before(port), None
    except HomeportError as error:
        return None, error


def _process(pid: int) -> Process | None:
    if not sys.platform.startswith("linux"):
        return None
    from homeport.host.processes import ProcessReader

    return ProcessReader().process(pid)
