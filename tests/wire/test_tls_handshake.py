"""The first flight of TLS 1.2, from servers of OpenSSL, and from anything else."""

from __future__ import annotations

import socket
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.certificates import certificate_of
from homeport.wire.tls_handshake import Flight, client_hello, is_whole, read_flight
from tests.faults.certificates import issue
from tests.faults.web import tls_server

if TYPE_CHECKING:
    from pathlib import Path


def flight_of(port: int, name: str | None = "localhost") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(client_hello(name))
        data = b""
        while not is_whole(data) and (piece := connection.recv(65536)):
            data += piece
    return data


@pytest.fixture
def recorded(tmp_path: Path) -> bytes:
    """What a server with a chain says that asks for a client's certificate."""
    authority = issue("Authority", authority=True)
    trusted, _ = authority.write(tmp_path, "authority")
    link = issue("Link", by=authority, authority=True)
    server = issue("localhost", ["localhost"], by=link)
    certificate, key = server.write(tmp_path, "server", link)
    with tls_server(certificate, key, clients=str(trusted)) as port:
        return flight_of(port)


def test_the_chain_and_the_wish_for_a_certificate_are_read(recorded: bytes) -> None:
    flight = read_flight(recorded)
    assert flight is not None
    assert (flight.version, flight.client_certificate, flight.done) == ("TLSv1.2", True, True)
    told = [certificate_of(each) for each in flight.certificates]
    assert [each.subject for each in told if each] == ["localhost", "Link"]


def test_a_refusal_is_read(tmp_path: Path) -> None:
    certificate, key = issue("localhost", ["localhost"]).write(tmp_path, "server")
    with tls_server(certificate, key, minimum_version="TLSv1_3") as port:
        flight = read_flight(flight_of(port))
    assert flight == Flight(alert=70)


def test_every_beginning_is_survived(recorded: bytes) -> None:
    for end in range(len(recorded)):
        flight = read_flight(recorded[:end])
        assert flight is None or not flight.done


@cache
def _seed() -> bytes:
    return b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03ab\x15\x03\x03\x00\x02\x02\x28"


@given(st.binary(max_size=400))
def test_anything_is_survived(data: bytes) -> None:
    for each in (data, _seed() + data, b"\x16\x03\x03\x01\x00" + data):
        read_flight(each)
        is_whole(each)


def test_what_is_no_tls_is_none() -> None:
    assert read_flight(b"HTTP/1.1 400 Bad Request\r\n\r\n") is None
    assert read_flight(b"") is None
    assert is_whole(b"HTTP/1.1 400 Bad Request\r\n\r\n")
