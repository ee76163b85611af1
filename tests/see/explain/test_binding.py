"""Our answer to `is it free?` against the kernel's own: real sockets, then real bind() calls."""

import errno
import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.model.explanation import BindVerdict
from homeport.model.snapshot import Query
from homeport.see.explain.binding import (
    BindRequest,
    Holder,
    Holding,
    answer,
    conflict,
    holders_of,
    verdict_of,
)
from homeport.see.explain.bound import bound_sockets
from homeport.see.snapshot import take

ADDRESSES = ("127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1")
HERE_ONLY = Query(connections=True, udp=True, unix=False, owners=False, facts=False,
                  all_namespaces=False)  # fmt: skip


class Existing(NamedTuple):
    """A socket that the test makes: how it holds the port, and its options."""

    kind: str  # bound, listening, accepted, connecting, time-wait (of either side), udp
    address: str
    v6only: bool
    reuse_address: bool
    reuse_port: bool


def new_socket(address: str, kind: int = socket.SOCK_STREAM, *, v6only: bool = False,
               reuse_address: bool = False, reuse_port: bool = False) -> socket.socket:  # fmt: skip
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, kind)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse_address)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, reuse_port)
    return made


def reachable(address: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


@contextmanager
def made(existing: Existing) -> Iterator[int]:
    """Makes the socket (and a peer where it takes one) on a port that the kernel chooses."""
    options = {"reuse_address": existing.reuse_address, "reuse_port": existing.reuse_port}
    kind = socket.SOCK_DGRAM if existing.kind == "udp" else socket.SOCK_STREAM
    with ExitStack() as stack:
        sock = new_socket(existing.address, kind, v6only=existing.v6only, **options)
        stack.enter_context(sock)
        sock.bind((existing.address, 0))
        port = sock.getsockname()[1]
        if existing.kind == "listening":
            sock.listen()
        if existing.kind in ("accepted", "time-wait of server"):
            sock.listen()
            peer = stack.enter_context(new_socket(reachable(existing.address)))
            peer.connect((reachable(existing.address), port))
            accepted = stack.enter_context(sock.accept()[0])
            sock.close()
            if existing.kind == "time-wait of server":
                finish(first=accepted, second=peer)
        if existing.kind in ("connecting", "time-wait of client"):
            server = stack.enter_context(new_socket(reachable(existing.address)))
            server.bind((reachable(existing.address), 0))
            server.listen()
            sock.connect(server.getsockname()[:2])
            far_end = stack.enter_context(server.accept()[0])
            if existing.kind == "time-wait of client":
                finish(first=sock, second=far_end)
        yield port


def finish(first: socket.socket, second: socket.socket) -> None:
    """Closes a connection so that the first side ends in TIME-WAIT."""
    first.shutdown(socket.SHUT_WR)
    assert second.recv(1) == b""
    second.close()
    assert first.recv(1) == b""
    first.close()


def outcome(request: BindRequest) -> bool:
    """Whether the kernel lets it be bound."""
    kind = socket.SOCK_DGRAM if request.transport is Transport.UDP else socket.SOCK_STREAM
    with new_socket(request.address, kind, v6only=request.v6only,
                    reuse_address=request.reuse_address,
                    reuse_port=request.reuse_port) as sock:  # fmt: skip
        try:
            sock.bind((request.address, request.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        return True


def requests(port: int, transport: Transport) -> Iterator[BindRequest]:
    flags = (False, True)
    for address, v6only, reuse, share in itertools.product(ADDRESSES, flags, flags, flags):
        if v6only and address != "::":
            continue
        yield BindRequest(transport, address, port, os.geteuid(), v6only, reuse, share)


def with_options(holder: Holder, existing: Existing) -> Holder:
    """What sock_diag does not tell, told by the test that made the socket."""
    inherited = holder.v6only
    if inherited is None and ":" in holder.address:
        # A socket with an IPv6 address of its own is IPv6-only; one made from `::` as `::` was.
        inherited = existing.v6only or existing.address != "::"
    return holder._replace(
        reuse_address=existing.reuse_address,
        reuse_port=existing.reuse_port,
        v6only=inherited,
    )


HOLDING = {
    "bound": Holding.BOUND,
    "udp": Holding.BOUND,
    "listening": Holding.LISTENING,
    "accepted": Holding.CONNECTED,
    "connecting": Holding.CONNECTED,
    "time-wait of server": Holding.TIME_WAIT,
    "time-wait of client": Holding.TIME_WAIT,
}


@contextmanager
def alone(existing: Existing) -> Iterator[tuple[int, tuple[Holder, ...]]]:
    """The socket on a port that nothing else holds, not even a TIME-WAIT of an earlier test."""
    for _ in range(50):
        with made(existing) as port:
            transport = Transport.UDP if existing.kind == "udp" else Transport.TCP
            holders = holders_of(take(HERE_ONLY), port, transport, bound_sockets(port))
            assert holders, "the kernel tells of the socket"
            if [each.holding for each in holders] == [HOLDING[existing.kind]]:
                yield port, holders
                return
    raise AssertionError("no quiet port was found")


def check(existing: Existing) -> None:
    transport = Transport.UDP if existing.kind == "udp" else Transport.TCP
    with alone(existing) as (port, holders):
        for request in requests(port, transport):
            if not request.reuse_port:
                compare(existing, request, holders)


def check_sharing(existing: Existing, request: BindRequest) -> None:
    """A bucket remembers who was let in with SO_REUSEPORT: each such request needs a new one."""
    with alone(existing) as (port, holders):
        compare(existing, request._replace(port=port), holders)


def compare(existing: Existing, request: BindRequest, holders: tuple[Holder, ...]) -> None:
    expected = BindVerdict.FREE if outcome(request) else BindVerdict.TAKEN
    told = verdict_of(request, [with_options(each, existing) for each in holders])
    assert told is expected, (existing, request, [each[:7] for each in holders])
    untold = verdict_of(request, holders)
    assert untold in (expected, BindVerdict.DEPENDS), (existing, request)


KINDS = ("bound", "listening", "accepted", "connecting", "time-wait of server",
         "time-wait of client", "udp")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "address",
    [
        pytest.param(each, marks=[] if each in {"127.0.0.1", "::"} else [pytest.mark.slow])
        for each in ADDRESSES
    ],
)
def test_every_kind_of_socket_on_every_address(kind: str, address: str) -> None:
    for reuse_address, reuse_port in ((False, False), (True, False), (False, True)):
        check(Existing(kind, address, False, reuse_address, reuse_port))


@given(
    st.builds(
        Existing,
        st.sampled_from(KINDS),
        st.sampled_from(ADDRESSES),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    st.sampled_from(ADDRESSES),
    st.booleans(),
    st.booleans(),
)
@settings(
    max_examples=settings().max_examples * 3 // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_any_options(existing: Existing, address: str, v6only: bool, reuse: bool) -> None:  # noqa: FBT001
    if existing.v6only and existing.address == "::ffff:127.0.0.1":
        return  # the kernel refuses the combination itself
    transport = Transport.UDP if existing.kind == "udp" else Transport.TCP
    v6only = v6only and address == "::"
    request = BindRequest(transport, address, 0, os.geteuid(), v6only, reuse, reuse_port=True)
    check_sharing(existing, request)


ME = 1000
FREE, TAKEN, DEPENDS = BindVerdict.FREE, BindVerdict.TAKEN, BindVerdict.DEPENDS


def ask(address: str) -> BindRequest:
    return BindRequest(Transport.TCP, address, 8000, ME)


def test_a_listener_cannot_be_shared_with_so_reuseaddr() -> None:
    told = answer(ask("127.0.0.1"), [Holder(Holding.LISTENING, "0.0.0.0", ME)])
    assert (told.plain, told.reuse_address, told.reuse_port) == (TAKEN, TAKEN, DEPENDS)
    assert told.why == "something listens on 0.0.0.0:8000"
    assert told.unless == "SO_REUSEPORT helps if what holds the port (same user) has set it, too"


def test_so_reuseport_is_for_one_user_only() -> None:
    told = answer(ask("127.0.0.1"), [Holder(Holding.LISTENING, "127.0.0.1", ME + 1)])
    assert (told.plain, told.reuse_address, told.reuse_port) == (TAKEN, TAKEN, TAKEN)
    assert told.unless is None


def test_time_wait_yields_to_so_reuseaddr_if_both_sides_have_it() -> None:
    told = answer(ask("0.0.0.0"), [Holder(Holding.TIME_WAIT, "127.0.0.1", 0)])
    assert (told.plain, told.reuse_address, told.reuse_port) == (TAKEN, DEPENDS, DEPENDS)
    assert told.unless is not None
    assert "servers do" in told.unless


def test_another_device_is_another_place() -> None:
    holder = Holder(Holding.LISTENING, "0.0.0.0", ME, interface="eth0")
    assert conflict(ask("0.0.0.0")._replace(interface="eth1"), holder) is False
    assert conflict(ask("0.0.0.0")._replace(interface="eth0"), holder) is True
    assert conflict(ask("0.0.0.0"), holder) is True


def test_nothing_in_the_way() -> None:
    told = answer(ask("::1"), [Holder(Holding.LISTENING, "127.0.0.1", ME)])
    assert (told.plain, told.reuse_address, told.reuse_port) == (FREE, FREE, FREE)
    assert told.why is None


def test_two_listeners_on_one_address_have_both_set_so_reuseport() -> None:
    with new_socket("127.0.0.1", reuse_port=True) as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = first.getsockname()[1]
        with new_socket("127.0.0.1", reuse_port=True) as second:
            second.bind(("127.0.0.1", port))
            second.listen()
            holders = holders_of(take(HERE_ONLY), port, Transport.TCP)
    request = BindRequest(Transport.TCP, "127.0.0.1", port, os.geteuid())
    assert answer(request, holders).reuse_port is FREE
