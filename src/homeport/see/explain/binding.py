"""Free or taken for binding: Linux's rules applied to what the kernel tells, without binding.

Source: inet_csk_get_port, inet_bind_conflict and inet_rcv_saddr_equal in
net/ipv4/inet_connection_sock.c, udp_lib_get_port in net/ipv4/udp.c. The options of a socket that
exists (SO_REUSEADDR, SO_REUSEPORT) are not told by sock_diag: where the answer hangs on them, it
is `depends`. Not modelled: for a moment a port remembers its last binder with SO_REUSEPORT
(`tb->fastreuseport`) and then lets in one more that the rules would refuse.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.address import is_ipv6, unmapped
from homeport.model.endpoint import Transport, bracketed
from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.model.record import NamedTuple
from homeport.model.sockets import Connection, Listener, TcpState
from homeport.see.explain.names import owner_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot

_WILDCARDS = ("0.0.0.0", "::")


class Holding(StrEnum):
    """In which way a socket holds its local port."""

    LISTENING = "listens on"
    BOUND = "is bound to"
    CONNECTED = "has a connection on"
    TIME_WAIT = "a closed connection in TIME-WAIT still holds"


class Holder(NamedTuple):
    """A socket that holds a local port.

    `v6only`, `reuse_address` and `reuse_port` (its socket options) and `uid`, the user who made
    it, are None where they are not known.
    """

    holding: Holding
    address: str
    uid: int | None
    interface: str | None = None
    v6only: bool | None = None
    reuse_address: bool | None = None
    reuse_port: bool | None = None
    owners: tuple[Process, ...] = ()


class BindRequest(NamedTuple):
    """A bind(2) that somebody thinks about; `v6only` matters for `::` only."""

    transport: Transport
    address: str
    port: int
    uid: int
    v6only: bool = False
    reuse_address: bool = False
    reuse_port: bool = False
    interface: str | None = None


def holders_of(
    snapshot: Snapshot, port: int, transport: Transport, bound: Iterable[Connection] = ()
) -> tuple[Holder, ...]:
    """The sockets of the caller's network namespace that hold a local port, those alike once.

    `bound` are sockets that are bound and do nothing, which a snapshot leaves out.
    """
    own = {namespace.inode for namespace in snapshot.namespaces if namespace.own}
    wanted = {Transport.UDP} if transport is Transport.UDP else {Transport.TCP, Transport.MPTCP}
    found = [
        _listening(listener)
        for listener in snapshot.listeners
        if listener.endpoint.port == port
        and listener.endpoint.transport in wanted
        and (not own or listener.netns in own)
    ]
    found += [
        _connected(connection)
        for connection in (*bound, *snapshot.connections)
        if connection.local_port == port
        and connection.transport in wanted
        and (not own or connection.netns in own)
        and not _is_request(connection)
    ]
    return tuple(dict.fromkeys(_with_shared(found, transport)))


def _is_request(connection: Connection) -> bool:
    """A half-open connection belongs to its listener and holds nothing of its own."""
    half_open = (TcpState.SYN_RECEIVED, TcpState.NEW_SYN_RECEIVED)
    return connection.state in half_open and connection.inode == 0


def _listening(listener: Listener) -> Holder:
    udp = listener.endpoint.transport is Transport.UDP
    return Holder(
        holding=Holding.BOUND if udp else Holding.LISTENING,
        address=listener.endpoint.address,
        uid=listener.uid,
        interface=listener.endpoint.interface,
        v6only=listener.v6only,
        owners=listener.owners,
    )


_IDLE = (TcpState.BOUND_INACTIVE, TcpState.CLOSED)


def _connected(connection: Connection) -> Holder:
    holding = Holding.BOUND if connection.state in _IDLE else Holding.CONNECTED
    if connection.state is TcpState.TIME_WAIT:
        holding = Holding.TIME_WAIT
    return Holder(
        holding=holding,
        address=connection.local_address,
        uid=connection.uid,
        interface=connection.interface,
        owners=connection.owners,
    )


def _with_shared(holders: list[Holder], transport: Transport) -> list[Holder]:
    """Two TCP listeners on one address can only be if both set SO_REUSEPORT: then it is known."""
    if transport is Transport.UDP:
        return holders
    places = [(each.address, each.interface, each.v6only) for each in holders if _listens(each)]
    shared = {place for place in places if places.count(place) > 1}
    return [
        each._replace(reuse_port=True)
        if _listens(each) and (each.address, each.interface, each.v6only) in shared
        else each
        for each in holders
    ]


def _listens(holder: Holder) -> bool:
    return holder.holding is Holding.LISTENING


def answer(request: BindRequest, holders: Iterable[Holder]) -> BindAnswer:
    """What bind(2) would say to this address: plain, and with one or the other option."""
    known = tuple(holders)
    plain = request._replace(reuse_address=False, reuse_port=False)
    asked = (plain, plain._replace(reuse_address=True), plain._replace(reuse_port=True))
    verdicts = tuple(verdict_of(each, known) for each in asked)
    blocker = next((each for each in known if conflict(plain, each) is not False), None)
    return BindAnswer(
        request.address,
        plain=verdicts[0],
        reuse_address=verdicts[1],
        reuse_port=verdicts[2],
        why=None if blocker is None else _told(blocker, request.port),
        unless=_unless(plain, known, verdicts),
    )


def verdict_of(request: BindRequest, holders: Iterable[Holder]) -> BindVerdict:
    """The answer to one bind(2), as far as sockets decide about it."""
    found = {conflict(request, holder) for holder in holders}
    if True in found:
        return BindVerdict.TAKEN
    return BindVerdict.DEPENDS if None in found else BindVerdict.FREE


def conflict(request: BindRequest, holder: Holder) -> bool | None:
    """Whether a socket stands in the way; None where that hangs on what is not told of it."""
    apart = request.interface and holder.interface and request.interface != holder.interface
    same_place = False if apart else overlap(request, holder)
    if same_place is False:
        return False
    shared = _shares(request, holder)
    if shared is True:
        return False
    return None if shared is None or same_place is None else True


def _shares(request: BindRequest, holder: Holder) -> bool | None:
    """Whether both have set an option that lets them have the same place."""
    ways: list[bool | None] = [False]
    if request.reuse_address and not _listens(holder):
        ways.append(holder.reuse_address)
    may_share = holder.holding is Holding.TIME_WAIT or holder.uid in (request.uid, None)
    if request.reuse_port and may_share:
        ways.append(holder.reuse_port)
    return True if True in ways else None if None in ways else False


def overlap(request: BindRequest, holder: Holder) -> bool | None:
    """Whether the two local addresses meet, wildcards being what they are; None: not known."""
    mine, theirs = unmapped(request.address), unmapped(holder.address)
    if not is_ipv6(mine):
        return _overlap_of_ipv4(mine, theirs, holder.v6only)
    if mine == "::":
        return is_ipv6(theirs) or not request.v6only
    return theirs in (mine, "::")


def _overlap_of_ipv4(mine: str, theirs: str, v6only: bool | None) -> bool | None:  # noqa: FBT001
    if not is_ipv6(theirs):
        return mine == theirs or "0.0.0.0" in (mine, theirs)
    # To IPv4 a socket with an IPv6 address has the address 127.0.0.6 (LOOPBACK4_IPV6 in
    # net/ipv6/af_inet6.c), which meets the IPv4 wildcard unless the socket is IPv6-only.
    meets = theirs == "::" or mine == "0.0.0.0"
    if not meets or v6only:
        return False
    return None if v6only is None else True


def _told(holder: Holder, port: int) -> str:
    place = f"{bracketed(holder.address, holder.interface)}:{port}"
    if holder.holding is Holding.TIME_WAIT:
        return f"{holder.holding} {place}"
    return f"{owner_words(holder.owners)} {holder.holding} {place}"


def _unless(
    plain: BindRequest, holders: tuple[Holder, ...], verdicts: tuple[BindVerdict, ...]
) -> str | None:
    if BindVerdict.DEPENDS not in verdicts:
        return None
    told = []
    if verdicts[0] is BindVerdict.DEPENDS:
        told.append("connections over IPv6 stand in the way unless they are IPv6-only")
    elif verdicts[1] is BindVerdict.DEPENDS:
        waiting = any(each.holding is Holding.TIME_WAIT for each in holders)
        habit = "; servers do, clients do not" if waiting else ""
        told.append(f"SO_REUSEADDR helps if what holds the port has set it, too{habit}")
    if verdicts[2] is BindVerdict.DEPENDS:
        same_user = any(_listens(each) and each.uid == plain.uid for each in holders)
        whose = " (same user)" if same_user else ""
        told.append(f"SO_REUSEPORT helps if what holds the port{whose} has set it, too")
    return "; ".join(told) or None
