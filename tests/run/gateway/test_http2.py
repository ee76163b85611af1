"""HTTP/2 by a real Caddy, asked by a real curl; and what becomes of it when Caddy is not there."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest

from homeport.host.relaying.loop import Loop
from homeport.model.route import ServiceState
from homeport.run.certificates import context_for
from homeport.run.certificates.authority import directory, root_path
from homeport.run.gateway import http2
from homeport.run.gateway.registration import Registration
from tests.run.gateway.conftest import (
    answer,
    backend,
    connected,
    echo_heads,
    end,
    heard,
    route,
    told,
)
from tests.support import leased_port, need, wait_until

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator
    from pathlib import Path

HOST, WEB = "api.shop.localhost", "web.shop.localhost"
MANY = 1 << 24


class Answer(NamedTuple):
    """What curl has seen."""

    version: str
    status: int
    body: str


def curl_argv(port: int, host: str, path: str, *more: str) -> list[str]:
    return [
        *(need("curl", package="curl"), "-sS", "--http2", "--max-time", "30"),
        *("--cacert", root_path(), "--resolve", f"{host}:{port}:127.0.0.1", *more),
        f"https://{host}:{port}{path}",
    ]


def ask(port: int, host: str = HOST, path: str = "/", *more: str) -> Answer:
    """One request by a client that offers HTTP/2, and believes none but Homeport's authority."""
    context_for("localhost")  # the authority is made by the first who needs it
    argv = curl_argv(port, host, path, "-w", "\n%{http_version} %{http_code}", *more)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    body, _, last = done.stdout.rpartition("\n")
    version, status = last.split()
    return Answer(version, int(status), body)


def wait_for_http2(port: int, host: str = HOST) -> None:
    wait_until(lambda: ask(port, host).version == "2", what="HTTP/2")


def children(pid: int) -> list[int]:
    """Every descendant of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            own = [int(each) for each in file.read().split()]
    except OSError:
        return []
    return [each for child in own for each in (child, *children(child))]


def caddies(directory: Path) -> list[int]:
    """The Caddys of this test's gateway, whoever is their parent."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                is_caddy = b"caddy.json" in file.read()
            if is_caddy and os.readlink(f"/proc/{name}/cwd").startswith(str(directory)):
                found.append(int(name))
        except OSError:
            continue
    return found


# What it gives.


def test_already_the_first_connection_to_a_host_speaks_it(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port), route(server.port, "web.shop"))
        for host in (HOST, WEB, HOST):
            assert ask(registration.port, host)[:2] == ("2", 200)


@pytest.mark.slow
def test_many_hosts_may_come_at_once(registration: Registration) -> None:
    with backend(echo_heads) as server:
        hosts = [f"w{number}.shop" for number in range(12)]
        told(registration, *(route(server.port, each) for each in hosts))
        for _ in range(2):
            with ThreadPoolExecutor(12) as pool:
                asked = [pool.submit(ask, registration.port, f"{each}.localhost") for each in hosts]
            assert {each.result().status for each in asked} == {200}
        for host in hosts:
            wait_for_http2(registration.port, f"{host}.localhost")


def test_a_client_that_does_not_offer_it_gets_what_it_speaks(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        assert ask(registration.port, HOST, "/", "--http1.1").version == "1.1"
        assert not children(registration.pid)
        wait_for_http2(registration.port)
        assert ask(registration.port, HOST, "/", "--http1.1").version == "1.1"


def test_the_service_is_told_what_it_is_told_without(registration: Registration) -> None:
    lies = ["X-Forwarded-Proto: http", "Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4"]
    lies += ["X-Forwarded-Port: 1", "X-Forwarded-Host: evil", "Via: 1.0 me", "X-Other: x"]
    more = [word for each in lies for word in ("-H", each)]
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        got = ask(registration.port, HOST, "/path?query", *more)
    assert got.version == "2"
    first, *fields = got.body.splitlines()
    assert first == "GET /path?query HTTP/1.1"
    mine = f"{HOST}:{registration.port}"
    assert sorted(each for each in fields if not each.startswith("User-Agent")) == [
        "Accept: */*",
        f"Host: {mine}",
        "X-Forwarded-For: 127.0.0.1",
        f"X-Forwarded-Host: {mine}",
        "X-Forwarded-Proto: https",
        "X-Other: x",
    ]


def test_a_connection_to_one_host_does_not_lead_to_another(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port), route(server.port, "web.shop"))
        wait_for_http2(registration.port, WEB)
        wait_for_http2(registration.port)
        assert ask(registration.port, HOST, "/", "-H", f"Host: {WEB}")[:2] == ("2", 421)
        assert ask(registration.port, HOST, "/", "-H", "Host: localhost")[:2] == ("2", 421)


def test_requests_of_two_hosts_never_meet(registration: Registration) -> None:
    def say(name: bytes) -> Callable[[socket.socket], None]:
        def serve(connection: socket.socket) -> None:
            while head := connection.recv(1 << 16):
                asked = head.split(b" ")[1].rsplit(b"/", 1)[1]
                connection.sendall(answer(name + b"-" + asked + b"\n"))

        return serve

    with backend(say(b"api")) as api, backend(say(b"web")) as web:
        told(registration, route(api.port), route(web.port, "web.shop"))
        port = registration.port
        for host in (HOST, WEB):
            wait_until(lambda host=host: ask(port, host, "/0").version == "2")  # type: ignore[misc]
        argv = curl_argv(port, HOST, "/{api}-[1-300]", "--parallel", "--parallel-max", "40")
        argv += ["--resolve", f"{WEB}:{port}:127.0.0.1", f"https://{WEB}:{port}/{{web}}-[1-300]"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    expected = [f"{each}-{each}-{n}" for each in ("api", "web") for n in range(1, 301)]
    assert sorted(done.stdout.splitlines()) == sorted(expected)
    assert len(api.connections) < 300


def test_pages_and_guards_are_the_gateways_own(registration: Registration) -> None:
    with backend(echo_heads) as server:
        guarded = route(server.port, guarded=True)
        told(registration, guarded)
        wait_for_http2(registration.port)
        foreign = ("-H", "Origin: https://evil.example", "-H", "Sec-Fetch-Site: cross-site")
        assert ask(registration.port, HOST, "/", *foreign)[:2] == ("2", 403)
        assert ask(registration.port)[:2] == ("2", 200)
    told(registration, guarded._replace(state=ServiceState.FAILED, told=("it broke",)))
    got = ask(registration.port)
    assert got[:2] == ("2", 503)
    assert "it broke" in got.body


@pytest.mark.slow
def test_a_service_that_starts_is_waited_for(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        wait_until(lambda: all(each.fileno() < 0 for each in server.connections))
        asleep = route(server.port, state=ServiceState.STOPPED, lazy=True)
        told(registration, asleep)
        got: list[Answer] = []
        asking = threading.Thread(target=lambda: got.append(ask(registration.port)))
        asking.start()
        assert heard(registration, "wanted")["wanted"] == "api"
        told(registration, asleep._replace(state=ServiceState.READY))
        asking.join(20)
        assert got[0][:2] == ("2", 200)


@pytest.mark.slow
def test_large_bodies_go_both_ways(registration: Registration, tmp_path: Path) -> None:
    data = random.Random(0).randbytes(MANY)
    (tmp_path / "body").write_bytes(data)

    def serve(connection: socket.socket) -> None:
        head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
        if b"POST" in head:
            missing = MANY - len(body)
            digest = hashlib.sha256(body)
            while missing and (piece := connection.recv(1 << 16)):
                digest.update(piece)
                missing -= len(piece)
            connection.sendall(answer(digest.hexdigest().encode()))
        else:
            connection.sendall(answer(data))

    with backend(serve) as server:
        told(registration, route(server.port))
        wait_until(lambda: ask(registration.port, HOST, "/", "-I").version == "2")
        sent = ask(registration.port, HOST, "/", "--data-binary", f"@{tmp_path / 'body'}")
        assert sent == ("2", 200, hashlib.sha256(data).hexdigest())
        got = subprocess.run(
            curl_argv(registration.port, HOST, "/"), capture_output=True, check=True
        )
        assert got.stdout == data


# Streams.


class Ticking:
    """A service that sends `tick` to whoever asks for /ticks until it is told to stop."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.present = 0
        self._lock = threading.Lock()

    def serve(self, connection: socket.socket) -> None:
        while head := connection.recv(1 << 16):
            if b"/ticks" not in head:
                connection.sendall(answer(head))
                continue
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
            with self._lock:
                self.present += 1
            while not self.stop.wait(0.02):
                connection.sendall(b"c\r\ndata: tick\n\n\r\n")
            connection.sendall(b"0\r\n\r\n")


@contextmanager
def streams(port: int, count: int) -> Generator[Callable[[], int]]:
    """That many streams over one connection; tells how many ticks have come."""
    argv = curl_argv(port, HOST, f"/ticks/[1-{count}]", "-N", "--parallel", "--parallel-max", "99")
    got = 0
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        assert client.stdout
        output = client.stdout

        def read() -> None:
            nonlocal got
            while piece := os.read(output.fileno(), 1 << 16):
                got += piece.count(b"tick")

        reading = threading.Thread(target=read)
        reading.start()
        try:
            yield lambda: got
            assert client.wait(20) == 0, "a stream was broken off"
        finally:
            client.kill()
            reading.join(10)


def go_on(ticks: Callable[[], int]) -> None:
    before = ticks()
    wait_until(lambda: ticks() > before + 20, what="the streams to go on")


@pytest.mark.slow
def test_many_streams_share_a_connection_and_outlast_what_comes_and_goes(
    registration: Registration,
) -> None:
    ticking = Ticking()
    with backend(ticking.serve) as server, backend(echo_heads) as other:
        mine = route(server.port)
        told(registration, mine)
        wait_for_http2(registration.port)
        with streams(registration.port, 20) as ticks:
            wait_until(lambda: ticking.present == 20, what="20 streams at once")
            go_on(ticks)
            told(registration, mine, route(other.port, "web.shop"))
            wait_for_http2(registration.port, WEB)
            go_on(ticks)
            told(registration, mine)
            go_on(ticks)
            told(registration, mine, route(other.port, "docs.shop"))
            wait_for_http2(registration.port, "docs.shop.localhost")
            go_on(ticks)
            assert len(caddies_of(registration)) == 1
            ticking.stop.set()


def caddies_of(registration: Registration) -> list[int]:
    def is_caddy(pid: int) -> bool:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"caddy.json" in file.read()

    return [pid for pid in children(registration.pid) if is_caddy(pid)]


@pytest.mark.slow
def test_a_service_that_is_started_again_elsewhere_is_found(registration: Registration) -> None:
    with backend(echo_heads) as first:
        told(registration, route(first.port))
        wait_for_http2(registration.port)
    with backend(echo_heads) as second:
        told(registration, route(first.port, state=ServiceState.STARTING))
        told(registration, route(second.port))
        assert ask(registration.port)[:2] == ("2", 200)


# What it does without.


@pytest.mark.slow
def test_when_caddy_is_killed_nobody_is_turned_away(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        for _ in range(2):
            (caddy,) = caddies_of(registration)
            os.kill(caddy, signal.SIGKILL)
            wait_until(lambda pid=caddy: pid not in children(registration.pid))  # type: ignore[misc]
            assert ask(registration.port)[:2] == ("1.1", 200)
            wait_for_http2(registration.port)


@pytest.mark.slow
def test_when_its_shim_is_killed_it_goes_too(registration: Registration, tmp_path: Path) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        shim, _ = children(registration.pid)
        os.kill(shim, signal.SIGKILL)
        wait_until(lambda: not caddies(tmp_path), what="the end of Caddy")
        assert ask(registration.port).status == 200
        wait_for_http2(registration.port)


@pytest.mark.slow
def test_caddy_ends_with_the_gateway_however_that_ends(own_directories: Path) -> None:
    order = random.Random(1)
    with backend(echo_heads) as server:
        for kind in [signal.SIGKILL] * 6 + [signal.SIGTERM] * 2:
            opened = Registration.open(ports=(leased_port(),))
            told(opened, route(server.port))
            assert ask(opened.port).status == 200
            time.sleep(order.random() / 8)  # also while it starts
            os.kill(opened.pid, kind)
            opened.close()
            wait_until(lambda: not caddies(own_directories), what="the end of Caddy")
        last = Registration.open(ports=(leased_port(),))
        told(last, route(server.port))
        wait_for_http2(last.port)
        last.close()  # and the gateway ends by itself
        wait_until(lambda: not caddies(own_directories), what="the end of Caddy")
        end(last.pid)


def test_it_can_be_switched_off(own_directories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEPORT_HTTP2", "off")
    with backend(echo_heads) as server, Registration.open(ports=(leased_port(),)) as opened:
        told(opened, route(server.port))
        assert {ask(opened.port).version for _ in range(3)} == {"1.1"}
        assert not children(opened.pid)
    end(opened.pid)


class Alone:
    """What speaks HTTP/2, without a gateway around it."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.woken = 0
        self.http2 = http2.Http2(self.loop, leased_port(), context_for, lambda _: True, self._wake)

    def run(self, length_ms: int) -> None:
        """Lets it work for so long, asked again and again."""
        self.loop.after(length_ms, self.loop.stop)
        self._ask()
        self.loop.run()

    def _wake(self) -> None:
        self.woken += 1

    def _ask(self) -> None:
        assert self.http2.take(HOST, http2.HOLD_MS) is None
        self.loop.after(5, self._ask)

    def close(self) -> None:
        self.http2.close()
        self.loop.release()


@pytest.fixture
def alone(own_directories: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Alone]:
    monkeypatch.setattr(http2, "FIRST_PAUSE_S", 0.05)
    made = Alone()
    yield made
    made.close()


def test_where_there_is_no_caddy_it_is_not_looked_for_all_the_time(
    alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[None] = []
    monkeypatch.setattr(http2, "found_caddy", lambda: looked.append(None))
    alone.run(100)
    assert len(looked) == 1


@pytest.mark.slow
@pytest.mark.parametrize("does", ["exit 1", "exec sleep 60"])
def test_one_that_does_not_work_is_tried_ever_less_often(
    alone: Alone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str
) -> None:
    broken = tmp_path / "broken"
    broken.write_text(f"#!/bin/sh\necho started >> {tmp_path}/starts\n{does}\n")
    broken.chmod(0o755)
    monkeypatch.setattr(http2, "found_caddy", lambda: str(broken))
    monkeypatch.setattr(http2, "_START_MS", 500)
    alone.run(4000)
    starts = len((tmp_path / "starts").read_text().splitlines())
    assert 2 <= starts <= 7
    assert alone.woken >= starts - 1


# Who may.


def test_nobody_else_reaches_it(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        place = http2.directory_path()
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
        names = os.listdir(place)
        assert {"tls-1.sock", "admin.sock", "caddy.json"} <= set(names)
        for name in names:
            with suppress(FileNotFoundError):  # the socket of the configuration before this one
                assert not os.stat(f"{place}/{name}").st_mode & 0o077
        (caddy,) = caddies_of(registration)
        listening = subprocess.run(
            [need("ss", package="iproute2"), "-Hltunp"], capture_output=True, text=True, check=True
        )
        assert f"pid={caddy}," not in listening.stdout


@pytest.mark.slow
def test_another_authority_takes_its_place(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        for name in ("authority.pem", "root.pem"):
            os.unlink(f"{directory()}/{name}")
        assert ask(registration.port)[:2] == ("2", 200)


def test_a_hello_in_pieces_is_the_gateways(registration: Registration) -> None:
    import ssl

    with backend(echo_heads) as server:
        told(registration, route(server.port))
        wait_for_http2(registration.port)
        context = ssl.create_default_context(cafile=root_path())
        context.set_alpn_protocols(["h2", "http/1.1"])
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing, server_hostname=HOST)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        with connected(registration.port) as raw:
            raw.sendall(hello[:100])
            time.sleep(0.1)
            raw.sendall(hello[100:])
            incoming.write(raw.recv(1 << 16))
            client.do_handshake()
            assert client.selected_alpn_protocol() == "http/1.1"
