"""Which listeners are meant by an endpoint, a port, a URL, or `pid:812`."""

from __future__ import annotations

from homeport.model.address import unmapped
from homeport.model.endpoint import Transport, reaches
from homeport.model.errors import BadInput, NotFound
from homeport.model.port import shortened
from homeport.model.record import NamedTuple
from homeport.model.target import Target, parse_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener

_PID = "pid:"
_LARGEST_PID_DIGITS = 9


class Aim(NamedTuple):
    """What was pointed at, once read: a process, or a target that has a port."""

    text: str
    pid: int | None
    target: Target | None


def parse_aim(text: str) -> Aim:
    """Reads `pid:812`, or an endpoint, port or URL as `parse_target` does; raises `BadInput`."""
    text = text.strip()
    if text.startswith(_PID):
        return Aim(text, _parse_pid(text.removeprefix(_PID)), None)
    target = parse_target(text)
    if target.port is None:
        raise BadInput(f"{text!r} names no port", next_step="add one: 127.0.0.1:8000")
    if target.host is not None and not target.addresses:
        raise BadInput(
            f"{target.host!r} is a name, and names are not looked up here",
            next_step="give an address of this machine, or only the port",
        )
    return Aim(text, None, target)


def _parse_pid(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LARGEST_PID_DIGITS):
        said = shortened(digits)
        raise BadInput(f"{said!r} is not a pid, in '{_PID}{said}'", next_step="write pid:812")
    return int(digits)


def aimed_at(taken: Snapshot, aim: Aim) -> list[Listener]:
    """The listeners of a snapshot that are meant; raises `NotFound` where there are none.

    An endpoint means the caller's own network namespace, a pid whatever that process holds.
    """
    if aim.target is None:
        return _of_process(taken, aim.pid)
    own = {namespace.inode for namespace in taken.namespaces if namespace.own}
    here = [each for each in taken.listeners if not own or each.netns in own]
    found = matching(here, aim.target)
    if not found:
        raise _nobody(taken, aim)
    return found


def _of_process(taken: Snapshot, pid: int | None) -> list[Listener]:
    found = [each for each in taken.listeners if any(owner.pid == pid for owner in each.owners)]
    if not found:
        from homeport.host.kernel import user_id

        others = "" if user_id() == 0 else ", with sudo for the process of somebody else"
        raise NotFound(
            f"process {pid} is not seen to listen on anything",
            next_step=f"homeport ls --pid {pid}{others}",
        )
    return found


def _nobody(taken: Snapshot, aim: Aim) -> NotFound:
    elsewhere = matching(taken.listeners, aim.target) if aim.target else []
    pids = [owner.pid for each in elsewhere for owner in each.owners]
    if not elsewhere:
        return NotFound(f"nobody listens on {aim.text}", next_step="homeport ls shows who listens")
    return NotFound(
        f"nobody listens on {aim.text} in this network namespace",
        why=f"in another one somebody does: {_name_of(elsewhere[0].netns, taken)}",
        next_step=f"to mean that process: pid:{pids[0]}" if pids else None,
    )


def _name_of(netns: int, taken: Snapshot) -> str:
    return next((each.name for each in taken.namespaces if each.inode == netns), None) or str(netns)


def matching(listeners: Iterable[Listener], target: Target) -> list[Listener]:
    """The listeners that a target names: those that would answer there.

    The kernel gives a connection to the most specific socket, so a listener on the very address
    hides one on the wildcard. Without an address every listener on the port is meant. TCP is
    meant where a target names no transport, UDP where nobody listens there on TCP.
    """
    on_port = [each for each in listeners if _named(each, target)]
    if target.transport is None:
        tcp = [each for each in on_port if each.endpoint.transport is not Transport.UDP]
        on_port = tcp or on_port
    if not target.addresses:
        return on_port
    return _answering(on_port, target.addresses, target.interface)


def _named(listener: Listener, target: Target) -> bool:
    if listener.endpoint.port != target.port:
        return False
    if target.transport is None or target.transport is listener.endpoint.transport:
        return True
    return {target.transport, listener.endpoint.transport} == {Transport.TCP, Transport.MPTCP}


def _answering(
    listeners: list[Listener], addresses: tuple[str, ...], interface: str | None
) -> list[Listener]:
    found: list[Listener] = []
    for address in addresses:
        at_address = [each for each in listeners if _reached(each, address, interface)]
        plain = unmapped(address)
        exact = [each for each in at_address if unmapped(each.endpoint.address) == plain]
        found += [each for each in exact or at_address if each not in found]
    return found


def _reached(listener: Listener, address: str, interface: str | None) -> bool:
    endpoint = listener.endpoint
    if interface and endpoint.interface not in {None, interface}:
        return False
    return reaches(endpoint.address, address, v6only=bool(listener.v6only))


def still_open(after: Snapshot, before: Iterable[Listener]) -> tuple[Listener, ...]:
    """The listeners on the same endpoints in a later snapshot: those left over, or new ones."""
    places = {(each.netns, each.endpoint) for each in before}
    return tuple(each for each in after.listeners if (each.netns, each.endpoint) in places)
