"""What people give to a client: URLs of all kinds, host:port, a port."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.wire.service_url import Service, parse_service


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port"),
    [
        ("8000", None, "localhost", 8000),
        (":8000", None, "localhost", 8000),
        ("localhost:8000", None, "localhost", 8000),
        ("127.0.0.1:8000", None, "127.0.0.1", 8000),
        ("[::1]:8000", None, "::1", 8000),
        ("  8000 ", None, "localhost", 8000),
        ("API.Shop.localhost:1", None, "api.shop.localhost", 1),
        ("[fe80::1%eth0]:80", None, "fe80::1%eth0", 80),
        ("http://localhost", "http", "localhost", 80),
        ("HTTP://LOCALHOST:8000/", "http", "localhost", 8000),
        ("https://[::1]", "https", "::1", 443),
        ("http://[fe80::1%25eth0]:80/", "http", "fe80::1%eth0", 80),
        ("http://[fe80::1%eth0]:80/", "http", "fe80::1%eth0", 80),
        ("ws://localhost:5173/hmr", "ws", "localhost", 5173),
        ("postgres://localhost/shop", "postgresql", "localhost", 5432),
        ("postgresql+psycopg://localhost/shop", "postgresql", "localhost", 5432),
        ("mysql+pymysql://localhost/shop", "mysql", "localhost", 3306),
        ("mariadb://localhost:3307/shop", "mysql", "localhost", 3307),
        ("redis://localhost/0", "redis", "localhost", 6379),
        ("rediss://localhost", "rediss", "localhost", 6379),
        ("valkey://localhost:7000", "redis", "localhost", 7000),
        ("amqp://guest:guest@localhost//", "amqp", "localhost", 5672),
        ("mongodb://localhost/shop", "mongodb", "localhost", 27017),
    ],
)
def test_what_is_to_be_reached(text: str, scheme: str | None, host: str, port: int) -> None:
    found = parse_service(text)
    assert (found.scheme, found.host, found.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("postgresql://me@localhost/shop", "me", None),
        ("postgresql://me:secret@localhost/shop", "me", "secret"),
        ("postgresql://me:@localhost/shop", "me", ""),
        ("redis://:secret@localhost", "", "secret"),
        ("postgresql://me%40work:p%3A%2F%40@localhost/shop", "me@work", "p:/@"),
        ("postgresql://me:a@b@localhost/shop", "me", "a@b"),
        ("postgresql://me:a:b@localhost/shop", "me", "a:b"),
        ("postgresql://me:a/b@localhost/shop", "me", "a/b"),
        ("postgresql://me:a#b@localhost/shop", "me", "a#b"),
        ("postgresql://me:a?b@localhost/shop", "me", "a?b"),
        ("postgresql://me:[x]@localhost/shop", "me", "[x]"),
        ("postgresql://m%C3%BCller:%20@localhost/shop", "müller", " "),
    ],
)
def test_credentials(text: str, user: str | None, password: str | None) -> None:
    found = parse_service(text)
    assert (found.user, found.password) == (user, password)
    assert (found.host, found.port, found.path) == (
        ("localhost", 5432, "/shop") if text.startswith("p") else ("localhost", 6379, "/")
    )


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@localhost/shop",
        "postgresql://me:hunter2/x@localhost/shop",
        "redis://:hunter2@localhost",
        "http://me:hunter2@localhost:8000/?token=hunter2",
    ],
)
def test_what_was_asked_is_told_without_its_secrets(text: str) -> None:
    assert "hunter2" not in parse_service(text).asked


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("http://localhost:8000", "/"),
        ("http://localhost:8000/a/b?c=d&e=f", "/a/b?c=d&e=f"),
        ("http://localhost:8000?c=d", "/?c=d"),
        ("http://localhost:8000/a#part", "/a"),
        ("http://localhost:8000/a@b:c", "/a@b:c"),
        ("http://localhost:8000/%20", "/%20"),
        ("8000", "/"),
    ],
)
def test_the_path_has_the_query_and_no_fragment(text: str, path: str) -> None:
    assert parse_service(text).path == path


def test_a_path_is_no_second_line_of_the_request() -> None:
    for text in ("http://localhost:80/a\r\nX: y", "http://localhost:80/a b", "http://localhost/\0"):
        path = parse_service(text).path
        assert not set("\r\n\0 ") & set(path), path


def test_the_database_and_the_options() -> None:
    found = parse_service("postgresql://localhost/my%20shop?sslmode=require&user=me&x=")
    assert found.database == "my shop"
    assert (found.option("sslmode"), found.option("user")) == ("require", "me")
    assert (found.option("other"), parse_service("8000").database) == (None, None)


@pytest.mark.parametrize(
    ("text", "place", "over_tls", "is_http"),
    [
        ("http://[::1]:8000", "[::1]:8000", False, True),
        ("wss://localhost", "localhost:443", True, True),
        ("rediss://localhost", "localhost:6379", True, False),
        ("8000", "localhost:8000", False, False),
    ],
)
def test_how_it_is_spoken_to(text: str, place: str, *, over_tls: bool, is_http: bool) -> None:
    found = parse_service(text)
    assert (found.place, found.over_tls, found.is_http) == (place, over_tls, is_http)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0",
        ":0",
        "http://localhost:0",
        "65536",
        "http://localhost:65536",
        "http://localhost:x",
        "http://[::1",
        "http://[]:80",
        "http://[nonsense]:80",
        "http://",
        "nosuchscheme://localhost",
        "http://a b:80",
        "1.2.3:80",
        "999.1.1.1:80",
        "http://local\x00host",
        "-1",
        "\uff18000",
    ],
)
def test_what_names_no_service_is_said_to(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_service(text)
    assert raised.value.what


def test_a_complaint_repeats_no_password() -> None:
    for text in (
        "postgresql://me:hunter2@localhost:99999/shop",
        "nosuchscheme://me:hunter2@localhost",
        "http://me:hunter2@[::1/",
    ):
        with pytest.raises(BadInput) as raised:
            parse_service(text)
        assert "hunter2" not in str(raised.value)


@given(st.text(max_size=60))
@pytest.mark.parametrize("before", ["", "http://", "postgresql://a:b@", "http://[", "localhost:"])
def test_no_text_is_too_odd(before: str, text: str) -> None:
    try:
        found = parse_service(before + text)
    except BadInput:
        return
    assert isinstance(found, Service)
    assert 0 < found.port < 65536
    assert found.path.startswith("/")
    assert isinstance(found.database, str | None)


def test_a_long_text_takes_linear_time() -> None:
    for text in ("http://" + "a:" * 50_000, "http://" + "@" * 100_000, "x" * 100_000 + "://"):
        with pytest.raises(BadInput):
            parse_service(text)


def test_what_is_not_of_tcp_is_not_checked() -> None:
    with pytest.raises(BadInput, match="UDP") as raised:
        parse_service("udp/53")
    assert raised.value.next_step == "homeport explain udp/53 tells what is known of it"
    assert parse_service("tcp 127.0.0.1:53").port == 53
    assert parse_service("tcp http://me:x@localhost:53/a").user == "me"
