"""Requests that are refused, each with the status of its answer.

docs/explanation/how-the-gateway-works.md has this table; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple

H = b"Host: api.shop.localhost\r\n"


class Hostile(NamedTuple):
    what: str
    data: bytes
    status: int


def _fields(what: str, status: int, *fields: bytes, body: bytes = b"") -> Hostile:
    lines = b"".join(field + b"\r\n" for field in fields)
    return Hostile(what, b"POST / HTTP/1.1\r\n" + H + lines + b"\r\n" + body, status)


HOSTILE = (
    _fields(
        "Content-Length and Transfer-Encoding",
        400,
        b"Content-Length: 6",
        b"Transfer-Encoding: chunked",
        body=b"0\r\n\r\nG",
    ),
    _fields("several Content-Length", 400, b"Content-Length: 5", b"Content-Length: 6"),
    _fields("the same Content-Length twice", 400, b"Content-Length: 5", b"Content-Length: 5"),
    _fields("a list of lengths", 400, b"Content-Length: 5, 5"),
    _fields("a length with a sign", 400, b"Content-Length: +5"),
    _fields("a length that is no number", 400, b"Content-Length: 0x5"),
    _fields("an empty length", 400, b"Content-Length:"),
    _fields("an enormous length", 400, b"Content-Length: 1" + b"0" * 30),
    _fields("another coding", 501, b"Transfer-Encoding: gzip, chunked"),
    _fields("chunked twice", 501, b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    _fields("chunked as it is not written", 501, b"Transfer-Encoding: xchunked"),
    _fields("chunked with an odd space", 400, b"Transfer-Encoding: \x0bchunked"),
    _fields("a space before the colon", 400, b"Transfer-Encoding : chunked"),
    _fields("a field without a name", 400, b": x"),
    _fields("a field without a colon", 400, b"nonsense"),
    _fields("a field in two lines (obs-fold)", 400, b"X: a\r\n b"),
    _fields("NUL in a field", 400, b"X: a\0b"),
    _fields("another control character in a field", 400, b"X: a\x1bb"),
    _fields("a carriage return in a field", 400, b"X: a\rContent-Length: 5"),
    _fields("several Host", 400, b"Host: other.shop.localhost"),
    _fields("another expectation", 417, b"Expect: the-worst"),
    Hostile("no Host", b"GET / HTTP/1.1\r\n\r\n", 400),
    Hostile("no Host, HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n", 400),
    Hostile("a Host that is none", b"GET / HTTP/1.1\r\nHost: a@b.localhost\r\n\r\n", 400),
    Hostile("an empty Host", b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    Hostile("a foreign Host", b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
    Hostile("an address as Host", b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", 421),
    Hostile(
        "a Host that ends otherwise",
        b"GET / HTTP/1.1\r\nHost: api.shop.localhost.example.com\r\n\r\n",
        421,
    ),
    Hostile("bare LF", b"GET / HTTP/1.1\n" + H + b"\r\n", 400),
    Hostile("bare LF after a field", b"GET / HTTP/1.1\r\nHost: api.shop.localhost\n\r\n", 400),
    Hostile("bare LF at the end", b"GET / HTTP/1.1\r\nHost: api.shop.localhost\r\n\n", 400),
    Hostile("an empty line before", b"\r\nGET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile("a space before", b" GET / HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile("two spaces", b"GET  / HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile("no version", b"GET /\r\n" + H + b"\r\n", 400),
    Hostile("HTTP/0.9", b"GET / HTTP/0.9\r\n" + H + b"\r\n", 505),
    Hostile("HTTP/1.2", b"GET / HTTP/1.2\r\n" + H + b"\r\n", 505),
    Hostile("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Hostile("a method of odd characters", b"G{T / HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile("a method without end", b"G" * 100, 400),
    Hostile("a target with other bytes", b"GET /\xff HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile("a target that is none", b"GET x HTTP/1.1\r\n" + H + b"\r\n", 400),
    Hostile(
        "an address of another host",
        b"GET http://db.shop.localhost/ HTTP/1.1\r\n" + H + b"\r\n",
        400,
    ),
    Hostile("CONNECT", b"CONNECT db:5432 HTTP/1.1\r\n" + H + b"\r\n", 501),
    Hostile(
        "chunked in HTTP/1.0",
        b"POST / HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n",
        400,
    ),
    Hostile("a head of more than 64 KB", b"GET / HTTP/1.1\r\n" + H + b"X: " + b"x" * 70_000, 431),
    Hostile("more than 200 fields", b"GET / HTTP/1.1\r\n" + H + b"X: y\r\n" * 201 + b"\r\n", 431),
    Hostile("a million fields", b"GET / HTTP/1.1\r\n" + H + b"X: y\r\n" * 1_000_000 + b"\r\n", 431),
    Hostile("no HTTP at all", b"\x80\x81\x82\x83", 400),
)

CHUNKED = b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n"

HOSTILE_BODIES = (
    Hostile("a chunk's size that is no number", CHUNKED + b"g\r\n", 400),
    Hostile("a chunk's size with a sign", CHUNKED + b"+5\r\nhello\r\n", 400),
    Hostile("a chunk's size with 0x", CHUNKED + b"0x5\r\nhello\r\n", 400),
    Hostile("an enormous chunk", CHUNKED + b"f" * 17 + b"\r\n", 400),
    Hostile("an extension of a chunk", CHUNKED + b"5;a=b\r\nhello\r\n", 400),
    Hostile("bare LF after a chunk's size", CHUNKED + b"5\nhello\r\n", 400),
    Hostile("a chunk longer than its size", CHUNKED + b"5\r\nhello!\r\n", 400),
    Hostile("a length after the body", CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", 400),
    Hostile("broken fields after the body", CHUNKED + b"0\r\n nonsense\r\n\r\n", 400),
    Hostile("endless fields after the body", CHUNKED + b"0\r\n" + b"X: y\r\n" * 3000, 431),
    Hostile(
        "another protocol, with a body",
        b"POST / HTTP/1.1\r\n"
        + H
        + b"Upgrade: x\r\nConnection: upgrade\r\nContent-Length: 5\r\n\r\n",
        400,
    ),
)
"""On the framed path, which reads bodies; on the fast path they are the backend's to judge."""
