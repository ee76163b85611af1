"""Endpoints, and what a socket bound to one gets."""

from __future__ import annotations

import pytest

from homeport.model.endpoint import Endpoint, Transport, reaches


def test_prints_zone_and_brackets() -> None:
    assert str(Endpoint(Transport.TCP, "fe80::1", 80, "eth0")) == "[fe80::1%eth0]:80"
    assert str(Endpoint(Transport.UDP, "127.0.0.1", 53)) == "127.0.0.1:53"


@pytest.mark.parametrize(
    ("bound", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "::1"),
        ("::", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("0.0.0.0", "::ffff:127.0.0.1"),
        ("::ffff:0.0.0.0", "127.0.0.1"),
        ("::", "::ffff:127.0.0.1"),
    ],
)
def test_a_bound_socket_gets(bound: str, address: str) -> None:
    assert reaches(bound, address)


@pytest.mark.parametrize(
    ("bound", "address"),
    [
        ("127.0.0.1", "127.0.0.2"),
        ("0.0.0.0", "::1"),
        ("::1", "127.0.0.1"),
        ("::1", "::ffff:127.0.0.1"),
    ],
)
def test_a_bound_socket_does_not_get(bound: str, address: str) -> None:
    assert not reaches(bound, address)


def test_an_ipv6_only_wildcard_takes_no_ipv4() -> None:
    assert not reaches("::", "127.0.0.1", v6only=True)
    assert not reaches("::", "::ffff:127.0.0.1", v6only=True)
    assert reaches("::", "::1", v6only=True)
