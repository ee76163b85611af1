"""Conversations with real servers: of every temper, over TCP, UDP and TLS, here and elsewhere."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import pytest

from homeport.host import talking
from homeport.host.netns import inode_of
from homeport.host.talking import Place, call, converse
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.snapshot import Namespace
from homeport.wire.exchange import Conversation, Ended, Heard, OutOfTime, Turn
from tests.servers.certificate import certificate_files
from tests.support import network_namespace, printed_by, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    Handler: TypeAlias = Callable[[socket.socket], object]


@contextmanager
def serving(
    handler: Handler, family: int = socket.AF_INET, address: str = "127.0.0.1"
) -> Generator[Place]:
    """A server that gives each connection to the handler, in a thread, and then closes it."""
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((address, 0))
        listener.listen(1024)

        def handle(taken: socket.socket) -> None:
            with taken, suppress(OSError):
                handler(taken)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listener.accept()
                    threading.Thread(target=handle, args=(taken,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield here(listener.getsockname()[1], address)
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def here(port: int, address: str = "127.0.0.1", transport: Transport = Transport.TCP) -> Place:
    return Place(Endpoint(transport, address, port))


def turns(*given: Turn) -> Conversation[list[Heard]]:
    """Takes each turn and returns all that was heard, also when the time is over."""
    heard: list[Heard] = []
    try:
        for turn in given:
            heard.append((yield turn))  # noqa: PERF401  (what was heard before counts)
    except OutOfTime:
        return heard
    return heard


def said(place: Place, *given: Turn, budget_s: float = 5.0) -> list[Heard]:
    (heard,) = converse([(place, turns(*given))], budget_s)
    assert heard is not None
    return heard


def one(place: Place, turn: Turn) -> Heard:
    (heard,) = said(place, turn)
    return heard


def wait_for_end(taken: socket.socket) -> None:
    while taken.recv(4096):
        pass


def greet(taken: socket.socket) -> None:
    taken.sendall(b"hello")
    wait_for_end(taken)


def echo(taken: socket.socket) -> None:
    while data := taken.recv(4096):
        taken.sendall(data.upper())


def reset(taken: socket.socket) -> None:
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_greeting() -> None:
    with serving(greet) as place:
        heard = one(place, Turn())
    assert (heard.data, heard.ended, heard.tls) == (b"hello", Ended.ENOUGH, None)
    assert heard.local_port is not None
    assert 0 <= heard.elapsed_ms < 400


def test_an_answer_over_the_same_connection() -> None:
    with serving(echo) as place:
        heard = said(place, Turn(b"a"), Turn(b"b", fresh=False), Turn(b"c"))
    assert [each.data for each in heard] == [b"A", b"B", b"C"]
    ports = [each.local_port for each in heard]
    assert ports[0] == ports[1] != ports[2]


def test_silence() -> None:
    with serving(wait_for_end) as place:
        heard = one(place, Turn(wait_ms=50))
    assert (heard.data, heard.ended) == (b"", Ended.SILENT)
    assert 40 <= heard.elapsed_ms < 1000


def test_too_little_is_heard_all_the_same() -> None:
    with serving(greet) as place:
        heard = one(place, Turn(enough=lambda data: len(data) > 100, wait_ms=50))
    assert (heard.data, heard.ended) == (b"hello", Ended.SILENT)


def test_an_end() -> None:
    with serving(lambda taken: taken.sendall(b"bye")) as place:
        heard = said(place, Turn(enough=lambda _: False), Turn(b"x", fresh=False))
    assert (heard[0].data, heard[0].ended) == (b"bye", Ended.CLOSED)
    assert heard[1].ended in (Ended.CLOSED, Ended.RESET)


def test_a_reset() -> None:
    with serving(reset) as place:
        heard = one(place, Turn(wait_ms=2000))
    assert (heard.data, heard.ended, heard.why) == (b"", Ended.RESET, os.strerror(errno.ECONNRESET))


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        place = here(bound.getsockname()[1])
        heard = said(place, Turn(), Turn(b"x", fresh=False), Turn(alpn=()))
    assert heard[0].ended is heard[2].ended is Ended.REFUSED
    assert heard[1].ended is not Ended.ENOUGH


def test_an_accept_queue_that_is_full() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        with socket.create_connection(listener.getsockname()):
            heard = one(here(listener.getsockname()[1]), Turn())
    assert (heard.ended, heard.why) == (Ended.UNREACHED, "no connection came about in time")
    assert heard.elapsed_ms < 2000


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    files = certificate_files(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def over(context: ssl.SSLContext, handler: Handler = echo) -> Handler:
    def handle(taken: socket.socket) -> None:
        with context.wrap_socket(taken, server_side=True) as secured:
            handler(secured)

    return handle


def test_a_session(tls: ssl.SSLContext) -> None:
    with serving(over(tls)) as place:
        heard = said(place, Turn(b"a", alpn=("http/1.1",)), Turn(b"b", fresh=False))
    assert [each.data for each in heard] == [b"A", b"B"]
    session = heard[0].tls
    assert session is not None
    assert (session.version, session.alpn) == ("TLSv1.3", "http/1.1")
    assert session.certificate is not None
    assert session.certificate.names == ("localhost", "127.0.0.1")
    assert heard[1].tls == session


def test_a_session_is_said_to_end(tls: ssl.SSLContext) -> None:
    ended: list[bytes] = []

    def handle(secured: socket.socket) -> None:
        ended.append(secured.recv(10))
        ended.append(secured.recv(10))  # raises SSLEOFError without a close_notify

    with serving(over(tls, handle)) as place:
        one(place, Turn(b"x", alpn=(), wait_ms=20))
        wait_until(lambda: len(ended) == 2)
    assert ended == [b"x", b""]


def test_a_certificate_that_nobody_believes(tls: ssl.SSLContext) -> None:
    with serving(over(tls)) as place:
        heard = one(place, Turn(b"a", alpn=(), verify="localhost"))
    assert (heard.data, heard.ended, heard.verify_code) == (b"", Ended.UNSECURED, 18)
    assert heard.why == "self-signed certificate"


def test_a_server_that_speaks_no_tls() -> None:
    with serving(greet) as place:
        heard = one(place, Turn(alpn=()))
    assert (heard.ended, heard.tls, heard.verify_code) == (Ended.UNSECURED, None, None)
    assert heard.why


@pytest.mark.parametrize("ended", [Ended.RESET, Ended.CLOSED])
def test_a_server_that_hangs_up_on_a_handshake(ended: Ended) -> None:
    def hang_up(taken: socket.socket) -> None:
        taken.recv(4096)
        if ended is Ended.RESET:
            reset(taken)

    with serving(hang_up) as place:
        heard = one(place, Turn(alpn=()))
    assert (heard.data, heard.tls) == (b"", None)
    assert heard.ended in (ended, Ended.UNSECURED)


def test_a_server_that_never_answers_a_handshake() -> None:
    with serving(wait_for_end) as place:
        heard = one(place, Turn(alpn=(), wait_ms=100))
    assert (heard.ended, heard.why) == (Ended.UNSECURED, talking.NO_HANDSHAKE)
    assert heard.elapsed_ms < 2000


def test_an_upgrade(tls: ssl.SSLContext) -> None:
    def handle(taken: socket.socket) -> None:
        taken.sendall(b"ready")
        assert taken.recv(10) == b"tls"
        taken.sendall(b"go")
        over(tls)(taken)

    with serving(handle) as place:
        heard = said(
            place, Turn(), Turn(b"tls", fresh=False), Turn(b"a", fresh=False, upgrade=True)
        )
    assert [each.data for each in heard] == [b"ready", b"go", b"A"]
    assert [each.tls is not None for each in heard] == [False, False, True]


def test_an_upgrade_of_nothing() -> None:
    with serving(greet) as place:
        heard = one(place, Turn(fresh=False, upgrade=True))
    assert (heard.data, heard.ended) == (b"", Ended.CLOSED)


def test_a_flood_is_heard_only_so_far() -> None:
    def flood(taken: socket.socket) -> None:
        while True:
            taken.sendall(b"x" * 65536)

    with serving(flood) as place:
        heard = one(place, Turn(enough=lambda _: False, wait_ms=20_000))
    assert heard.ended is Ended.ENOUGH
    assert (1 << 18) <= len(heard.data) < (1 << 19)


def test_a_flood_through_tls_is_heard_only_so_far(tls: ssl.SSLContext) -> None:
    def flood(taken: socket.socket) -> None:
        while True:
            taken.sendall(b"x" * 65536)

    with serving(over(tls, flood)) as place:
        heard = one(place, Turn(enough=lambda _: False, wait_ms=20_000, alpn=()))
    assert (1 << 18) <= len(heard.data) < (1 << 19)


def test_a_server_that_dribbles_is_heard_only_so_long() -> None:
    def dribble(taken: socket.socket) -> None:
        stop = threading.Event()
        while not stop.wait(0.02):
            taken.sendall(b"x")

    with serving(dribble) as place:
        heard = one(place, Turn(enough=lambda _: False, wait_ms=200))
    assert heard.ended is Ended.SILENT
    assert 0 < len(heard.data) < 20
    assert heard.elapsed_ms < 1500


def test_many_at_once_share_the_time() -> None:
    with serving(wait_for_end) as place:
        began = time.monotonic()
        heard = converse([(place, turns(Turn(wait_ms=300))) for _ in range(100)], 10)
        took = time.monotonic() - began
    assert [each[0].ended for each in heard if each] == [Ended.SILENT] * 100
    assert took < 5  # one after the other they would take 30 s


@pytest.mark.slow
def test_more_than_at_once_have_their_turn() -> None:
    with serving(greet) as place:
        heard = converse([(place, turns(Turn(wait_ms=5000))) for _ in range(300)], 30)
    told = [(each[0].data, each[0].ended, each[0].why) for each in heard if each]
    assert (set(told), len(told)) == ({(b"hello", Ended.ENOUGH, None)}, 300)


def test_out_of_time_returns_what_is_known() -> None:
    with serving(greet) as place:
        heard = said(place, Turn(), Turn(b"x", fresh=False, wait_ms=60_000), budget_s=0.5)
    assert [each.data for each in heard] == [b"hello"]


def test_out_of_time_may_leave_nothing() -> None:
    def stubborn() -> Conversation[str]:
        yield Turn(wait_ms=60_000)
        return "heard"

    def never_done() -> Conversation[str]:
        while True:
            with suppress(OutOfTime):
                yield Turn(wait_ms=60_000)

    with serving(wait_for_end) as place:
        assert converse([(place, stubborn()), (place, never_done())], 0.2) == [None, None]


@pytest.mark.slow
def test_those_who_never_had_their_turn_know_nothing() -> None:
    with serving(wait_for_end) as place:
        calls = [(place, turns(Turn(wait_ms=60_000))) for _ in range(talking.AT_ONCE + 10)]
        heard = converse(calls, 1.0)
    assert heard.count(None) == 10
    assert [] in heard


FEW = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
from homeport.host.talking import Place, converse
from homeport.model.endpoint import Endpoint, Transport
from homeport.wire.exchange import Turn
def talk():
    heard = yield Turn(wait_ms=5000)
    return heard.data or heard.why
place = Place(Endpoint(Transport.TCP, "127.0.0.1", {port}))
found = converse([(place, talk()) for _ in range(200)], 30)
print(found.count(b"hello"), set(found) - {{b"hello"}})
"""


def test_few_descriptors_are_enough_for_many() -> None:
    with serving(greet) as place:
        assert printed_by(FEW.format(port=place.endpoint.port)) == "200 set()\n"


def test_datagrams() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def answer() -> None:
            data, peer = server.recvfrom(100)
            server.sendto(data.upper(), peer)

        thread = threading.Thread(target=answer)
        thread.start()
        place = here(server.getsockname()[1], transport=Transport.UDP)
        heard = one(place, Turn(b"a", wait_ms=3000))
        thread.join()
    assert (heard.data, heard.ended) == (b"A", Ended.ENOUGH)


def test_datagrams_to_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    heard = one(here(port, transport=Transport.UDP), Turn(b"a", wait_ms=300))
    assert heard.ended in (Ended.REFUSED, Ended.SILENT)


def test_a_wildcard_is_reached_through_loopback() -> None:
    for family, bound in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        with serving(greet, family, bound) as place:
            assert one(place, Turn()).data == b"hello"


def test_an_interface_that_there_is_not() -> None:
    place = Place(Endpoint(Transport.TCP, "fe80::1", 80, "nothing0"))
    heard = said(place, Turn(), Turn(b"x", fresh=False))
    assert [each.ended for each in heard] == [Ended.UNREACHED, Ended.CLOSED]


SERVER = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
host = socket.getaddrinfo(sys.argv[1], 8000, family, socket.SOCK_STREAM)[0][4]
listener = socket.socket(family); listener.bind(host); listener.listen()
print("ready", flush=True)
while True:
    taken, _ = listener.accept(); taken.sendall(b"hello"); taken.close()
"""


def in_it(pid: int) -> Namespace:
    inode = inode_of(pid)
    assert inode is not None
    return Namespace(inode, pid=pid)


@pytest.mark.root
def test_another_network_namespace() -> None:
    with network_namespace() as namespace:
        argv = namespace.command(sys.executable, "-c", SERVER, "127.0.0.1")
        with spawn(argv, ready="ready") as server:
            place = Place(Endpoint(Transport.TCP, "127.0.0.1", 8000), in_it(server.pid))
            assert one(place, Turn()).data == b"hello"
            elsewhere = place.namespace
    gone = Place(Endpoint(Transport.TCP, "127.0.0.1", 8000), elsewhere)
    assert one(gone, Turn()).ended is Ended.UNREACHED


@pytest.mark.root
def test_the_zone_of_a_link_local_address() -> None:
    with network_namespace() as namespace:
        namespace.run("ip", "link", "add", "veth-a", "type", "veth", "peer", "name", "veth-b")
        for link in ("veth-a", "veth-b"):
            namespace.run("ip", "link", "set", link, "up")
        namespace.run("ip", "addr", "add", "fe80::77/64", "dev", "veth-a", "nodad")
        argv = namespace.command(sys.executable, "-c", SERVER, "fe80::77%veth-a")
        with spawn(argv, ready="ready") as server:
            endpoint = Endpoint(Transport.TCP, "fe80::77", 8000, "veth-a")
            assert one(Place(endpoint, in_it(server.pid)), Turn()).data == b"hello"


def called(*places: Place) -> tuple[list[int | None], list[Heard] | None]:
    dials, heard = call(places, turns(Turn()), connect_s=0.3, budget_s=1.0)
    return [each.errno for each in dials], heard


def test_the_first_place_that_can_be_reached() -> None:
    with socket.socket() as bound, serving(greet) as place:
        bound.bind(("127.0.0.1", 0))
        nobody = here(bound.getsockname()[1])
        numbers, heard = called(nobody, place, place)
    assert numbers == [errno.ECONNREFUSED, None]
    assert heard is not None
    assert heard[0].data == b"hello"


def test_no_place_can_be_reached() -> None:
    with socket.socket() as bound, socket.socket() as full:
        bound.bind(("127.0.0.1", 0))
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            numbers, heard = called(
                here(bound.getsockname()[1]), here(full.getsockname()[1]), here(80, "fe80::1")
            )
    assert numbers[:2] == [errno.ECONNREFUSED, errno.ETIMEDOUT]
    assert numbers[2] in (errno.EINVAL, errno.ENETUNREACH)
    assert not heard


def test_the_end_is_told_while_the_connection_is_open(tmp_path: Path) -> None:
    seen: list[int] = []
    open_sockets: list[bool] = []
    with serving(greet) as place:

        def look(_: object) -> None:
            seen.append(1)
            names = [os.readlink(f"/proc/self/fd/{each}") for each in list_descriptors()]
            open_sockets.append(any(name.startswith("socket:") for name in names))

        call([place], turns(Turn()), connect_s=1, budget_s=1, at_end=look)
    assert (seen, open_sockets) == ([1], [True])


def list_descriptors() -> list[str]:
    found = []
    for each in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            os.readlink(f"/proc/self/fd/{each}")
            found.append(each)
    return found


def test_nothing_is_left_open() -> None:
    before = len(list_descriptors())
    with serving(greet) as place:
        converse([(place, turns(Turn(), Turn())) for _ in range(20)], 5)
        converse([(place, turns(Turn(wait_ms=60_000, enough=lambda _: False)))], 0.1)
    wait_until(lambda: len(list_descriptors()) <= before + 1)
