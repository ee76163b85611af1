from __future__ import annotations

import json
import os
import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from homeport.model.route import ServiceState
from tests.run.gateway.conftest import (
    backend,
    connected,
    echo_heads,
    exchange,
    get,
    heard,
    rest_of,
    route,
    told,
)
from tests.support import NOBODY, leased_port, wait_until
from tests.wire.hostile_requests import HOSTILE, HOSTILE_BODIES, H, Hostile

if TYPE_CHECKING:
    from homeport.run.gateway.registration import Registration

HOST = "api.shop.localhost"
HTML = "Accept: text/html,application/xhtml+xml;q=0.9\r\n"
JSON = "Accept: application/json\r\n"


@pytest.fixture
def registration(shared_registration: Registration) -> Registration:
    return shared_registration


def answered(port: int, request: bytes) -> tuple[int, str, str]:
    """Status, head and body of the one answer; the connection ends with it."""
    got = exchange(port, request)
    head, _, body = got.decode("utf-8", "replace").partition("\r\n\r\n")
    return int(head.split()[1]), head, body


# Pages.


def test_an_unknown_name_is_told_what_may_have_been_meant(registration: Registration) -> None:
    told(registration, route(80), route(81, "db.shop"))
    status, _, body = answered(registration.port, get("apo.shop.localhost"))
    assert status == 404
    assert f"http://api.shop.localhost:{registration.port}/" in body
    status, head, body = answered(registration.port, get("quite-different.localhost", more=HTML))
    assert (status, "text/html" in head) == (404, True)
    assert "api.shop.localhost" in body
    told(registration)
    assert "homeport up" in answered(registration.port, get(HOST))[2]


def test_what_a_program_printed_is_shown_and_cannot_do_anything(
    registration: Registration,
) -> None:
    lines = ("<script>alert(1)</script>", "\x1b[2J&amp;", "Traceback: no module named shop")
    told(registration, route(80, state=ServiceState.FAILED, told=lines))
    status, head, body = answered(registration.port, get(HOST, more=HTML))
    assert status == 503
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "&amp;amp;" in body
    assert "no module named shop" in body
    assert "<script" not in body
    assert "default-src 'none'" in head
    _, _, text = answered(registration.port, get(HOST))
    assert "\x1b" not in text
    _, _, as_json = answered(registration.port, get(HOST, more=JSON))
    assert json.loads(as_json)["told"] == list(lines)


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (ServiceState.STOPPED, 503, "was stopped"),
        (ServiceState.STOPPING, 503, "being stopped"),
        (ServiceState.FAILED, 503, "has failed"),
        (ServiceState.DONE, 503, "has ended"),
    ],
)
def test_a_service_that_does_not_run_is_told_so_at_once(
    registration: Registration, state: ServiceState, status: int, said: str
) -> None:
    told(registration, route(80, state=state))
    got, head, body = answered(registration.port, get(HOST))
    assert got == status
    assert said in body
    assert "Retry-After: 5" in head
    assert "homeport restart api" in body


def test_a_head_alone_has_no_body(registration: Registration) -> None:
    got = exchange(registration.port, get(HOST, method="HEAD"))
    assert got.startswith(b"HTTP/1.1 404")
    assert got.endswith(b"\r\n\r\n")


def test_the_dashboard_shows_every_route(registration: Registration) -> None:
    told(registration, route(8001), route(8002, "db.shop", scheme="postgresql"))
    for host in (
        "localhost",
        f"localhost:{registration.port}",
        "127.0.0.1",
        "[::1]:1",
        "LOCALHOST.",
    ):
        status, _, body = answered(registration.port, get(host, more=HTML))
        assert status == 200
        assert f'href="http://api.shop.localhost:{registration.port}/"' in body
        assert "127.0.0.1:8002" in body
    _, _, body = answered(registration.port, get("localhost", more=JSON))
    assert [each["url"] for each in json.loads(body)["routes"]] == [
        f"http://api.shop.localhost:{registration.port}",
        f"postgresql://db.shop.localhost:{registration.port}",
    ]
    assert answered(registration.port, get("localhost", "/other"))[0] == 404
    assert answered(registration.port, get("localhost", method="POST"))[0] == 405


def test_a_service_of_another_protocol_is_no_web_page(registration: Registration) -> None:
    told(registration, route(80, "db.shop", scheme="postgresql"))
    status, _, body = answered(registration.port, get("db.shop.localhost"))
    assert status == 421
    assert f"postgresql://db.shop.localhost:{registration.port}" in body


@pytest.mark.slow
def test_a_service_that_takes_no_connection_is_told_so(registration: Registration) -> None:
    told(registration, route(leased_port()))
    status, head, body = answered(registration.port, get(HOST))
    assert status == 502
    assert "takes no connection" in body
    assert "Retry-After" in head


# Waiting.


def test_who_asks_for_a_lazy_service_wakes_it_once_and_gets_its_answer(
    registration: Registration,
) -> None:
    with backend(echo_heads) as server:
        asleep = route(server.port, state=ServiceState.STOPPED, lazy=True)
        told(registration, asleep)
        clients = [connected(registration.port) for _ in range(5)]
        for client in clients:
            client.sendall(
                get(HOST, "/early", more="Content-Length: 4\r\n", method="PUT") + b"body"
            )
        assert heard(registration, "wanted") == {"wanted": "api", "project": "shop"}
        told(registration, asleep._replace(state=ServiceState.STARTING))
        assert not registration.wait(50)
        told(registration, asleep._replace(state=ServiceState.READY))
        for client in clients:
            with client:
                client.shutdown(socket.SHUT_WR)
                assert b"PUT /early " in rest_of(client)
        assert registration.receive() == []
        told(registration, asleep)
        with connected(registration.port) as client:
            client.sendall(get(HOST))
            assert heard(registration, "wanted")


@pytest.mark.slow
def test_a_browser_sees_a_page_that_comes_again_while_a_service_starts(
    registration: Registration,
) -> None:
    told(registration, route(80, state=ServiceState.STARTING, told=("making the database",)))
    started = time.monotonic()
    status, head, body = answered(registration.port, get(HOST, more=HTML))
    assert status == 503
    assert 1 < time.monotonic() - started < 8
    assert "Retry-After: 1\r\n" in head
    assert '<meta http-equiv="refresh"' in body
    assert "making the database" in body


def test_who_waits_is_told_when_the_service_fails(registration: Registration) -> None:
    starting = route(80, state=ServiceState.STARTING)
    told(registration, starting)
    with connected(registration.port) as client:
        client.sendall(get(HOST))
        told(registration, starting._replace(state=ServiceState.FAILED))
        assert b"has failed" in rest_of(client)
    with connected(registration.port) as client:
        told(registration, starting)
        client.sendall(get(HOST))
        told(registration)
        assert b"HTTP/1.1 404" in rest_of(client)


def test_a_service_that_is_restarted_just_now_is_waited_for(registration: Registration) -> None:
    port = leased_port()
    told(registration, route(port))
    with connected(registration.port) as client:
        client.sendall(get(HOST))
        with socket.create_server(("127.0.0.1", port)) as late:
            late.settimeout(10)
            connection, _ = late.accept()
            with connection:
                assert connection.recv(1000).startswith(b"GET /")


# Who may.


FOREIGN = (
    "Origin: https://example.com\r\n",
    "Origin: null\r\n",
    "Origin: http://localhost.example.com\r\n",
    "Sec-Fetch-Site: cross-site\r\n",
    "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
)
LINK = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"


@pytest.mark.parametrize("fields", [*FOREIGN, "Sec-Fetch-Site: same-site\r\n"])
def test_pages_of_other_sites_do_not_read_homeports_own(
    registration: Registration, fields: str
) -> None:
    assert answered(registration.port, get("localhost", more=fields))[0] == 403


@pytest.mark.parametrize(
    "fields",
    ["", LINK, "Sec-Fetch-Site: same-origin\r\n", "Origin: http://localhost:62893\r\n"],
)
def test_a_person_and_a_link_do(registration: Registration, fields: str) -> None:
    assert answered(registration.port, get("localhost", more=fields))[0] == 200


@pytest.mark.parametrize("fields", FOREIGN)
def test_a_guarded_service_hears_nothing_of_other_sites_in_any_request(
    registration: Registration, fields: str
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=True))
        assert answered(registration.port, get(HOST, more=fields))[0] == 403
        with connected(registration.port) as client:
            client.sendall(get(HOST, "/first"))
            assert b"/first" in client.recv(1000)
            client.sendall(get(HOST, "/second", more=fields))
            got = rest_of(client)
        assert got.startswith(b"HTTP/1.1 403 ")
        assert b"/second" not in got


@pytest.mark.parametrize(
    "fields",
    [
        "",
        LINK,
        "Origin: http://web.shop.localhost:62893\r\nSec-Fetch-Site: same-site\r\n",
        "Origin: https://shop.localhost\r\n",
    ],
)
def test_a_guarded_service_hears_its_own_site(registration: Registration, fields: str) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=True))
        got = exchange(registration.port, get(HOST, more=fields), half_close=True)
        assert got.startswith(b"HTTP/1.1 200")


def test_a_framed_connection_leads_to_one_host(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=True), route(server.port, "web.shop"))
        with connected(registration.port) as client:
            client.sendall(get(HOST))
            client.recv(1000)
            client.sendall(get("web.shop.localhost"))
            assert rest_of(client).startswith(b"HTTP/1.1 421 ")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to be another user")
def test_another_user_is_served_nothing(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.setuid(NOBODY.uid)
            os.write(writer, exchange(registration.port, get(HOST)))
            os._exit(0)
        os.close(writer)
        with open(reader, "rb") as pipe:
            got = pipe.read()
        os.waitpid(child, 0)
        assert got.startswith(b"HTTP/1.1 403 ")
        assert b"another user" in got
        assert not server.connections


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to be another user")
def test_another_user_cannot_pass_for_root_by_closing_early(registration: Registration) -> None:
    """A socket without a process has uid 0 by the kernel's account."""
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        os.kill(registration.pid, 19)
        child = os.fork()
        if not child:
            os.setuid(NOBODY.uid)
            for _ in range(20):
                with connected(registration.port) as client:
                    client.sendall(get(HOST, method="POST"))
            os._exit(0)
        os.waitpid(child, 0)
        os.kill(registration.pid, 18)
        assert exchange(registration.port, get(HOST), half_close=True).startswith(b"HTTP/1.1 200")
        assert len(server.connections) == 1


# What is hostile.


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.what)
@pytest.mark.parametrize("guarded", [False, True], ids=["fast", "framed"])
def test_a_hostile_request_has_its_answer(
    standing: tuple[Registration, list[socket.socket]], hostile: Hostile, *, guarded: bool
) -> None:
    registration, connections = standing
    data = hostile.data.replace(b"api.shop", b"guarded.shop") if guarded else hostile.data
    before = len(connections)
    got = exchange_unheard(registration.port, data)
    assert got.startswith(b"HTTP/1.1 %d " % hostile.status)
    assert len(re.findall(rb"HTTP/1.1 [1-9]", got)) == 1
    assert len(connections) == before


@pytest.mark.parametrize("hostile", HOSTILE_BODIES, ids=lambda each: each.what)
def test_a_hostile_body_has_its_answer(
    standing: tuple[Registration, list[socket.socket]], hostile: Hostile
) -> None:
    registration, _ = standing
    data = hostile.data.replace(b"api.shop", b"guarded.shop")
    got = exchange_unheard(registration.port, data)
    # The body came with its head, and is refused before the backend could say anything.
    assert got.startswith(b"HTTP/1.1 %d " % hostile.status)
    with connected(registration.port) as client:
        client.sendall(get("guarded.shop.localhost"))
        client.recv(1000)
        client.sendall(data)
        assert rest_of(client).startswith(b"HTTP/1.1 %d " % hostile.status)


def exchange_unheard(port: int, data: bytes) -> bytes:
    """As `exchange`, for who may be answered before everything was sent."""
    with connected(port) as client:
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(data)
        return rest_of(client)


def test_no_part_of_a_refused_request_reaches_a_backend(registration: Registration) -> None:
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        got.append(rest_of(connection))

    with backend(serve) as server:
        told(registration, route(server.port, guarded=True))
        good = b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\n\r\nx"
        bad = b"POST /bad HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"
        exchange(registration.port, good + bad)
        wait_until(lambda: server.connections and server.connections[0].fileno() < 0)
    assert b"/bad" not in b"".join(got)


@pytest.mark.slow
def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(
    standing: tuple[Registration, list[socket.socket]],
) -> None:
    registration, _ = standing
    slow = [connected(registration.port) for _ in range(3)]
    slow[1].sendall(b"GET / HTTP/1.1\r\n")
    slow[2].sendall(get("guarded.shop.localhost"))
    assert slow[2].recv(1000).startswith(b"HTTP/1.1 200")
    slow[2].sendall(b"GET / HTTP/1.1\r\n")
    started = time.monotonic()
    for client in slow:
        client.settimeout(20)
    assert [rest_of(client)[:13] for client in slow] == [b"", b"HTTP/1.1 408 ", b"HTTP/1.1 408 "]
    assert 5 < time.monotonic() - started < 15
    for client in slow:
        client.close()
