from __future__ import annotations

import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from homeport.model.errors import BrokenMessage, HomeportError, NotFound
from homeport.model.route import ServiceState
from homeport.run.certificates import context_for
from homeport.run.certificates.authority import root_path
from homeport.run.gateway.messages import decode_routes, encode_routes
from homeport.run.gateway.registration import Registration, socket_path, url_of
from homeport.wire.json_lines import encode
from tests.run.gateway.conftest import backend, echo_heads, end, exchange, get, route, told
from tests.support import has_ended, leased_port, wait_until

HOST = "api.shop.localhost"
CLOSE = "Connection: close\r\n"


def status(port: int, host: str = HOST) -> int:
    return int(exchange(port, get(host), half_close=True).split()[1])


def test_a_service_is_reached_under_its_name_until_its_registration_ends(
    registration: Registration,
) -> None:
    with backend(echo_heads) as server:
        assert status(registration.port) == 404
        assert told(registration, route(server.port)) == {"taken": [], "broken": []}
        assert status(registration.port) == 200
        told(registration)
        assert status(registration.port) == 404
        second = Registration.open(start=False)
        told(second, route(server.port))
        assert status(registration.port) == 200
        second.close()
        wait_until(lambda: status(registration.port) == 404)


def test_a_name_belongs_to_whoever_told_it_first(registration: Registration) -> None:
    with backend(echo_heads) as server, Registration.open(start=False) as second:
        told(registration, route(server.port))
        got = told(second, route(1, "api.shop"), route(2, "db.shop"))
        assert got["taken"] == ["api.shop"]
        assert status(registration.port) == 200


def test_the_first_start_waits_for_nothing_that_only_https_needs(
    registration: Registration,
) -> None:
    maps = Path(f"/proc/{registration.pid}/maps")
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        assert status(registration.port) == 200
        assert "cryptography" not in maps.read_text()
        context_for("localhost")  # makes the authority that the gateway will use
        client = ssl.create_default_context(cafile=root_path())
        with (
            socket.create_connection(("127.0.0.1", registration.port), 10) as plain,
            client.wrap_socket(plain, server_hostname=HOST),
        ):
            assert "cryptography" in maps.read_text()


@pytest.mark.slow
def test_the_gateway_ends_with_the_last_registration(own_directories: Path) -> None:
    first = Registration.open(ports=(leased_port(),))
    second = Registration.open(start=False)
    assert (first.port, first.pid) == (second.port, second.pid)
    first.close()
    assert second.receive() == []
    second.close()
    wait_until(lambda: has_ended(second.pid), what="the end of the gateway")
    assert not os.path.exists(socket_path())
    with pytest.raises(NotFound):
        Registration.open(start=False)


@pytest.mark.slow
def test_many_starters_make_one_gateway(own_directories: Path) -> None:
    port = leased_port()
    code = (
        "import sys; from homeport.run.gateway.registration import Registration\n"
        f"r = Registration.open(ports=({port},)); print(r.pid, r.port, flush=True)\n"
        "sys.stdin.read()"
    )

    def start(_: int) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)

    with ThreadPoolExecutor(8) as pool:
        starters = list(pool.map(start, range(8)))
    said = set()
    for each in starters:
        assert each.stdout
        said.add(each.stdout.readline())
    for each in starters:
        each.communicate("")
    (only,) = said
    pid, its_port = map(int, only.split())
    assert its_port == port
    end(pid)


def test_after_kill_9_the_next_use_starts_it_again_and_the_routes_come_back(
    registration: Registration,
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        os.kill(registration.pid, signal.SIGKILL)

        def gone() -> bool:
            registration.wait(100)
            return registration.receive() is None

        wait_until(gone)
        again = Registration.open(ports=(registration.port,))
        try:
            assert again.pid != registration.pid
            told(again, route(server.port))
            assert status(again.port) == 200
        finally:
            again.close()
            end(again.pid)


def test_a_port_that_is_anothers_is_passed_over(own_directories: Path) -> None:
    with backend(echo_heads) as other:
        free = leased_port()
        opened = Registration.open(ports=(other.port, free))
        try:
            assert opened.port == free
        finally:
            opened.close()
            end(opened.pid)
        with pytest.raises(HomeportError, match=r"could not be started.*is free"):
            Registration.open(ports=(other.port,))


def test_it_has_nothing_of_its_starter(registration: Registration) -> None:
    def link(name: str) -> str:
        return os.readlink(f"/proc/{registration.pid}/{name}")

    assert link("cwd") == "/"
    kinds = {os.readlink(entry.path).partition(":")[0] for entry in _descriptors(registration.pid)}
    log = os.path.join(os.environ["XDG_STATE_HOME"], "homeport", "gateway.log")
    assert kinds <= {"/dev/null", log, "socket", "anon_inode"}
    assert os.getsid(registration.pid) != os.getsid(0)
    with open(f"/proc/{registration.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    assert fields[1] != str(os.getpid())
    assert fields[4] == "0", "it has a terminal"


def _descriptors(pid: int) -> list[os.DirEntry[str]]:
    with os.scandir(f"/proc/{pid}/fd") as entries:
        return list(entries)


def test_the_url_of_a_service_is_its_first_name() -> None:
    assert url_of(route(1), 62893) == "http://api.shop.localhost:62893"
    assert url_of(route(1), 62893, secure=True) == "https://api.shop.localhost:62893"
    database = route(1, "db.shop", scheme="postgresql")
    assert url_of(database, 7) == "postgresql://db.shop.localhost:7"


def test_routes_arrive_as_they_were_sent() -> None:
    routes = (
        route(80, lazy=True, told=("one", "two"), state=ServiceState.FAILED),
        route(81, "db.x", address="::1", scheme="postgresql", guarded=True),
    )
    assert decode_routes(encode_routes(routes)) == (routes, ())
    assert decode_routes({"other": 1}) is None
    long = decode_routes(encode_routes((route(80, told=("x" * 9999,) * 999),)))
    assert long is not None
    assert len(long.routes[0].told) < 100
    assert len(long.routes[0].told[0]) < 1000


def test_however_much_services_print_the_message_fits() -> None:
    lines = tuple("\x1b\U0001f680" * 250 for _ in range(60))
    routes = tuple(route(80, f"s{number}.shop", told=lines) for number in range(900))
    encode(encode_routes(routes))
    few = decode_routes(encode_routes(routes[:3]))
    assert few is not None
    assert few.routes[0].told == lines[-len(few.routes[0].told) :]
    assert len(few.routes[0].told) > 5


@pytest.mark.parametrize(
    "change",
    [
        {"address": "10.0.0.1"},
        {"address": "localhost"},
        {"port": 0},
        {"port": 70_000},
        {"names": ()},
        {"names": ("API.shop",)},
        {"names": ("a b",)},
        {"names": ("api.shop.",)},
        {"names": ("x" * 64,)},
        {"names": ("-a",)},
        {"state": "flying"},
    ],
)
def test_a_route_that_leads_elsewhere_is_not_taken(change: dict[str, object]) -> None:
    bad = route(80)._replace(**change)  # type: ignore[arg-type]
    got = decode_routes(encode_routes((bad, route(81))))
    assert got is not None
    assert got.routes == (route(81),)
    assert len(got.broken) == 1


@pytest.mark.parametrize("one", [1, None, {}, [], {"names": 1}])
def test_what_is_no_route_is_not_taken(one: object) -> None:
    got = decode_routes({"routes": [one]})
    assert got is not None
    assert got.routes == ()
    assert len(got.broken) == 1


@pytest.mark.parametrize("routes", [1, {}, [None] * 2000])
def test_what_are_no_routes_is_broken(routes: object) -> None:
    with pytest.raises(BrokenMessage):
        decode_routes({"routes": routes})


def test_a_supervisor_that_sends_nonsense_is_let_go(registration: Registration) -> None:
    with Registration.open(start=False) as second:
        second._channel.send({"routes": 7})
        wait_until(lambda: second.wait(50) and second.receive() is None)
    assert status(registration.port) == 404


class Supervisor(threading.Thread):
    """Keeps one route told, whatever becomes of the gateway."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__()
        self._ports, self._route = (port,), route(9, name, state=ServiceState.FAILED)
        self.over = threading.Event()
        self.failures: list[HomeportError] = []
        self.registration: Registration | None = None

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._keep()
            except HomeportError as error:
                self.failures.append(error)
        if self.registration is not None:
            self.registration.close()

    def _keep(self) -> None:
        if self.registration is None:
            self.registration = Registration.open(ports=self._ports)
            self.registration.replace([self._route])
        self.registration.wait(20)
        if self.registration.receive() is None:
            self.registration.close()
            self.registration = None


@pytest.mark.slow
def test_killed_again_and_again_it_is_back_with_all_routes(own_directories: Path) -> None:
    port, names = leased_port(), [f"s{number}.shop" for number in range(4)]

    def all_there() -> bool:
        with suppress(OSError, IndexError):
            return all(status(port, f"{name}.localhost") == 503 for name in names)
        return False

    supervisors = [Supervisor(name, port) for name in names]
    for each in supervisors:
        each.start()
    dice = random.Random(62893)
    pid = 0
    try:
        for turn in range(9):
            wait_until(all_there, what="all routes")
            with Registration.open(start=False) as found:
                pid = found.pid
            if turn < 8:
                time.sleep(dice.random() / 20)  # the moment is what is tried out
                os.kill(pid, signal.SIGKILL)
    finally:
        for each in supervisors:
            each.over.set()
            each.join(20)
        end(pid)
    assert [each.failures for each in supervisors] == [[]] * len(supervisors)
