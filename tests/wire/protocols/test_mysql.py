"""MySQL and MariaDB: greetings of real servers, and errors that stand in their place.

Those of TiDB, Vitess and the X Protocol are built from their documentation: no such server could be
had, nor a MySQL that bars a host of loopback.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.mysql import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

MYSQL = (
    b"J\x00\x00\x00\n5.6.24\x00\x01\x00\x00\x00\\{v^UnH_\x00\xff\xf7\x08\x02\x00\x7f\x80\x15\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00#/a|n1IZk))0\x00mysql_native_password\x00"
)
MARIADB = (
    b"d\x00\x00\x00\n5.5.5-10.11.19-MariaDB-0+deb12u1\x00\x04\x00\x00\x00<Ri;&N7g\x00\xfe\xf7\x08\x02"
    b"\x00\xff\x81\x15\x00\x00\x00\x00\x00\x00\x1d\x00\x00\x00$vLXU$N='Hv<\x00"
    b"mysql_native_password\x00"
)
TOO_MANY = b"\x17\x00\x00\x00\xff\x10\x04Too many connections"


def greeted(data: bytes) -> Finding | None:
    assert PROTOCOL.greeting is not None
    return PROTOCOL.greeting(data)


def named(version: bytes) -> bytes:
    """The greeting of MySQL, with another version."""
    return packet(MYSQL[4:].replace(b"5.6.24", version))


def packet(payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + b"\0" + payload


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (MYSQL, "MySQL", "5.6.24"),
        (MARIADB, "MariaDB", "10.11.19"),
        (named(b"8.0.36-0ubuntu0.22.04.1"), "MySQL", "8.0.36"),
        (named(b"11.4.2-MariaDB-ubu2404"), "MariaDB", "11.4.2"),
        (named(b"8.0.11-TiDB-v7.5.1"), "TiDB", "7.5.1"),
        (named(b"8.0.30-Vitess"), "Vitess", "8.0.30"),
    ],
)
def test_the_greeting_names_product_and_version(
    greeting: bytes, product: str, version: str
) -> None:
    found = greeted(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("mysql", product, version)


def test_a_greeting_counts_when_it_is_whole() -> None:
    assert [place for place in range(len(MYSQL)) if greeted(MYSQL[:place])] == []
    assert greeted(MYSQL + b"more") == greeted(MYSQL)


def test_an_error_in_its_place_is_the_protocol_too() -> None:
    told = "error 1040, 'Too many connections'"
    assert greeted(TOO_MANY) == Finding("mysql", told)
    assert greeted(packet(b"\xff\x10\x04#08004Too many connections")) == Finding("mysql", told)


@pytest.mark.parametrize(
    ("code", "text", "product"),
    [
        (
            1129,
            b"Host '10.0.0.9' is blocked because of many connection errors; unblock with it",
            None,
        ),
        (1130, b"Host '10.0.0.9' is not allowed to connect to this MySQL server", "MySQL"),
        (1130, b"Host '10.0.0.9' is not allowed to connect to this MariaDB server", "MariaDB"),
    ],
)
def test_a_host_that_is_not_wanted_hears_whose_server_it_is(
    code: int, text: bytes, product: str | None
) -> None:
    found = greeted(packet(b"\xff" + code.to_bytes(2, "little") + text))
    assert found is not None
    assert (found.product, found.version) == (product, None)
    assert str(code) in found.told


def test_the_x_protocol_says_hello_by_a_notice() -> None:
    found = greeted(bytes.fromhex("05000000 0b 0805 1a00"))
    assert found == Finding("mysql", "the hello of the X Protocol")


@pytest.mark.parametrize("other", [b"", b"SSH-2.0-x\r\n", b"220 mail\r\n", b"J\0\0\1" + MYSQL[4:]])
def test_nothing_else_is_understood(other: bytes) -> None:
    assert greeted(other) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, packet(b"\n" + data))
    assert survives(PROTOCOL, packet(b"\xff" + data))


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, MYSQL)
    assert survives_damage(PROTOCOL, MARIADB)
    assert survives_damage(PROTOCOL, TOO_MANY)
