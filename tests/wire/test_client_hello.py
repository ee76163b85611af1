"""The hello of a TLS client: as OpenSSL sends it, in pieces, and broken."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.client_hello import LONGEST_BYTES, ClientHello, read_client_hello
from homeport.wire.tls_handshake import client_hello


def said(name: str | None, *protocols: str, most: ssl.TLSVersion | None = None) -> bytes:
    """What a client of this Python's OpenSSL says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if most is not None:
        context.maximum_version = most
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


HELLO = said("Web.Shop.localhost", "h2", "http/1.1")


def record(body: bytes) -> bytes:
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\1" + len(message).to_bytes(2, "big") + message


def extended(*extensions: tuple[int, bytes]) -> bytes:
    """The shortest hello with these extensions."""
    listed = b"".join(
        kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data for kind, data in extensions
    )
    head = b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0"
    return record(head + len(listed).to_bytes(2, "big") + listed)


def test_the_name_and_what_is_offered_are_told() -> None:
    expected = ClientHello("web.shop.localhost", (b"h2", b"http/1.1"))
    assert read_client_hello(HELLO) == expected
    older = said("web.shop.localhost", "h2", "http/1.1", most=ssl.TLSVersion.TLSv1_2)
    assert read_client_hello(older) == expected


def test_what_a_client_does_not_say_is_unknown() -> None:
    assert read_client_hello(said(None)) == ClientHello()
    assert read_client_hello(said("a.localhost")) == ClientHello("a.localhost")
    assert read_client_hello(said(None, "h2")) == ClientHello(None, (b"h2",))
    assert read_client_hello(client_hello("a.localhost")) == ClientHello("a.localhost")


def test_a_hello_without_extensions_is_one() -> None:
    body = b"\3\1" + bytes(32) + b"\0" + b"\0\2\0\x2f" + b"\1\0"
    assert read_client_hello(record(body)) == ClientHello()


def test_names_that_are_none_are_left_out() -> None:
    for name in (b"", b"\0\0", b"\0\5\1\0\2ab", b"\0\5\0\0\2\xff\xff"):
        hello = read_client_hello(extended((0, name)))
        assert hello in (None, ClientHello())
    assert read_client_hello(extended((0, b"\0\5\0\0\2A."))) == ClientHello("a")


def test_what_has_not_come_altogether_is_not_read() -> None:
    assert [size for size in range(len(HELLO)) if read_client_hello(HELLO[:size])] == []
    assert read_client_hello(HELLO + b"more") == read_client_hello(HELLO)


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16", bytes(9), b"\x16\3" * 9])
def test_anything_else_is_no_hello(data: bytes) -> None:
    assert read_client_hello(data) is None


@given(st.integers(0, len(HELLO) - 1), st.integers(0, 255))
def test_a_hello_with_a_wrong_byte_is_read_or_not(at: int, value: int) -> None:
    hello = read_client_hello(HELLO[:at] + bytes([value]) + HELLO[at + 1 :])
    assert hello is None or all(isinstance(each, bytes) for each in hello.protocols)


@given(st.binary(max_size=300))
def test_random_bytes_are_no_trouble(data: bytes) -> None:
    read_client_hello(data)
    read_client_hello(record(b"\3\3" + bytes(32) + data))
    read_client_hello(extended((0, data), (16, data)))


def test_the_longest_hello_is_read_in_no_time() -> None:
    many = extended(*[(16, b"\0\2\1x")] * 2000)
    assert len(many) < LONGEST_BYTES
    assert read_client_hello(many) == ClientHello(None, (b"x",))
