"""Endpoints as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import BadInput
from homeport.model.target import Target, is_localhost, parse_target, split_loose_ipv6

WAYS_TO_WRITE = [
    ("127.0.0.1:62893", Target(address="127.0.0.1", port=62893)),
    ("  127.0.0.1:62893\n", Target(address="127.0.0.1", port=62893)),
    ("127.0.0.1", Target(address="127.0.0.1")),
    ("[::1]:5432", Target(address="::1", port=5432)),
    ("[::1]", Target(address="::1")),
    ("::1", Target(address="::1")),
    ("::", Target(address="::")),
    ("0:0:0:0:0:0:0:1", Target(address="::1")),
    ("::ffff:127.0.0.1", Target(address="::ffff:127.0.0.1")),
    ("[::ffff:7f00:1]:80", Target(address="::ffff:127.0.0.1", port=80)),
    ("[fe80::1%eth0]:80", Target(address="fe80::1", interface="eth0", port=80)),
    ("fe80::1%eth0", Target(address="fe80::1", interface="eth0")),
    ("*:80", Target(wildcard=True, port=80)),
    (":80", Target(port=80)),
    ("80", Target(port=80)),
    ("00080", Target(port=80)),
    ("localhost", Target(host="localhost")),
    ("LocalHost:80", Target(host="localhost", port=80)),
    ("api.shop.localhost:62893", Target(host="api.shop.localhost", port=62893)),
    (
        "http://localhost:8000/a?b=http://x:1#c",
        Target(host="localhost", port=8000, scheme="http", transport=Transport.TCP),
    ),
    (
        "https://[::1]/",
        Target(address="::1", port=443, scheme="https", transport=Transport.TCP),
    ),
    (
        "postgresql+psycopg://user:p%40ss@127.0.0.1/db",
        Target(
            address="127.0.0.1",
            port=5432,
            scheme="postgresql+psycopg",
            transport=Transport.TCP,
        ),
    ),
    ("tcp 127.0.0.1:80", Target(address="127.0.0.1", port=80, transport=Transport.TCP)),
    ("udp/53", Target(port=53, transport=Transport.UDP)),
    ("tcp://0.0.0.0:80", Target(address="0.0.0.0", port=80, transport=Transport.TCP)),
]


@pytest.mark.parametrize(("text", "target"), WAYS_TO_WRITE)
def test_reads_what_people_write(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("postgres://bob:p@ss/w@127.0.0.1:5432/db", "127.0.0.1:5432"),
        ("postgres://bob:p@ss@db:5433/shop", "db:5433"),
        ("postgres://bob:a/b@db/shop", "db:5432"),
        ("redis://:a/b@[::1]:6380/0", "[::1]:6380"),
        ("http://bob:a/b@localhost:8000/", "localhost:8000"),
        ("http://localhost:3000/@vite/client", "localhost:3000"),
        ("https://bob:pw@registry.example/pkg@1.2", "registry.example:443"),
        ("http://bob:pw@127.0.0.1:8000/users/a@b.example", "127.0.0.1:8000"),
        ("https://bob@host/users/a:b@c", "host:443"),
        ("http://127.0.0.1:8000?a:b@c", "127.0.0.1:8000"),
    ],
)
def test_what_stands_before_the_host_of_a_url(url: str, endpoint: str) -> None:
    assert str(parse_target(url)) == endpoint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("70000", "70000 does not exist"),
        ("127.0.0.1:65536", "65536 does not exist"),
        ("9" * 5000, "does not exist"),
        ("1.2.3.4.5", "not an IPv4 address"),
        ("256.0.0.1:80", "not an IPv4 address"),
        ("127.1:80", "not an IPv4 address"),
        ("::12345", "not an IPv6 address"),
        ("[::1", "not an IPv6 address"),
        ("127.0.0.1:", "not a port, in '127.0.0.1:'"),
        (":", "not a port, in ':'"),
        ("[]", r"'\[\]' holds no address"),
        ("[]:80", "holds no address"),
        ("::1:99999", "not an IPv6 address"),
        ("127.0.0.1:-1", "not a port"),
        ("localhost:http", "not a port"),
        ("what is this?", "neither an address nor a name"),
    ],
)
def test_says_what_is_wrong(text: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "trusted", "expected"),
    [
        ("::1:5432", False, "[::1]:5432"),
        (":::3000", False, "[::]:3000"),
        ("2001:db8::5:443", False, None),
        ("2001:db8::5:443", True, "[2001:db8::5]:443"),
        ("fe80::22", True, None),
        ("1:2:3:4:5:6:7:8:443", False, "[1:2:3:4:5:6:7:8]:443"),
        ("::ffff:127.0.0.1:80", False, "[::ffff:127.0.0.1]:80"),
        ("fe80::1%eth0:80", False, "[fe80::1%eth0]:80"),
        ("::1:99999", True, None),
        ("::1:ffff", True, None),
        ("::1", True, None),
    ],
)
def test_ipv6_without_brackets(text: str, trusted: bool, expected: str | None) -> None:  # noqa: FBT001
    target = split_loose_ipv6(text, trusted=trusted)
    assert (None if target is None else str(target)) == expected
    if expected is not None and not trusted:
        assert parse_target(text) == target


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_bad_input(text: str) -> None:
    try:
        target = parse_target(text)
    except BadInput:
        return
    assert target.port is None or 0 <= target.port <= 65535


@given(st.ip_addresses(), st.integers(0, 65535))
def test_an_endpoint_reads_back_as_it_is_printed(address: object, port: int) -> None:
    printed = Endpoint(Transport.TCP, str(address), port)
    target = parse_target(str(printed))
    assert target.port == port
    assert parse_target(str(target)) == target


def test_localhost_is_both_loopback_addresses() -> None:
    assert parse_target("db.shop.localhost").addresses == ("127.0.0.1", "::1")
    assert parse_target("*:80").addresses == ("0.0.0.0", "::")
    assert parse_target("example.org").addresses == ()
    assert not is_localhost("localhost.example.org")
