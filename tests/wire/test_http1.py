"""Responses of HTTP/1.x: whole, in part, and broken in every way."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.http1 import Response, looks_like_http, read_response

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: x\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
UNBOUNDED = b"HTTP/1.0 200 OK\r\n\r\nok"


def read(data: bytes, *, ended: bool = False, method: str = "GET") -> Response:
    found = read_response(data, ended=ended, method=method)
    assert found is not None
    return found


def test_a_whole_response() -> None:
    found = read(PLAIN)
    assert (found.version, found.status, found.reason, found.body) == ("1.1", 200, "OK", b"ok")
    assert (found.complete, found.broken) == (True, None)
    assert found.headers == {"content-length": "2", "server": "x"}
    assert found.line == "HTTP/1.1 200 OK"


def test_a_body_in_chunks() -> None:
    assert read(CHUNKED).body == b"ok"
    assert read(CHUNKED).complete


def test_a_body_that_only_the_end_bounds() -> None:
    assert not read(UNBOUNDED).complete
    assert read(UNBOUNDED, ended=True).complete
    assert read(UNBOUNDED, ended=True).body == b"ok"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_no_body(data: bytes) -> None:
    assert (read(data).complete, read(data).body) == (True, b"")


def test_the_answer_to_head_has_a_length_and_no_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    assert read(head, method="HEAD").complete
    assert not read(head).complete


def test_interim_responses_come_first() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert read(early + PLAIN).status == 200
    assert read_response(early) is None
    assert read_response(early, ended=True) is None


def test_a_switch_of_protocols_is_an_answer() -> None:
    data = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00"
    found = read(data)
    assert (found.status, found.broken) == (101, None)
    assert found.headers["upgrade"] == "websocket"


def test_a_response_without_a_reason() -> None:
    assert read(b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").line == "HTTP/1.1 200"
    assert read(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").line == "HTTP/1.1 200"


def test_line_ends_of_unix() -> None:
    assert read(b"HTTP/1.0 200 OK\nA: b\n\nok", ended=True).headers["a"] == "b"


@pytest.mark.parametrize("data", [PLAIN, CHUNKED])
def test_what_has_not_come_is_missed(data: bytes) -> None:
    for length in range(len(data)):
        for ended in (False, True):
            found = read_response(data[:length], ended=ended)
            assert found is None or not found.complete
    assert read(data[:-1], ended=True).broken is not None


@pytest.mark.parametrize(
    ("rest", "complete"),
    [
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\nok", False),
        (b"Content-Length: 9\r\n\r\nok", False),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\nok", False),
    ],
)
def test_a_body_that_is_broken(rest: bytes, *, complete: bool) -> None:
    found = read(b"HTTP/1.1 200 OK\r\n" + rest, ended=True)
    assert found.complete is complete
    assert found.broken


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"<html>",
    ],
)
def test_what_is_no_response(data: bytes) -> None:
    assert read_response(data, ended=True) is None


def test_what_may_be_one() -> None:
    assert looks_like_http(PLAIN)
    assert not looks_like_http(b"+PONG\r\n")


def test_bytes_outside_of_ascii_are_taken_as_they_are() -> None:
    found = read(b"HTTP/1.1 200 Gr\xfc\xdfe\r\nServer: \xe4\r\nContent-Length: 0\r\n\r\n")
    assert (found.reason, found.headers["server"]) == ("Grüße", "ä")


@given(st.binary(max_size=200), st.booleans(), st.sampled_from(["GET", "HEAD", "POST"]))
@pytest.mark.parametrize(
    "before",
    [b"", b"HTTP/", b"HTTP/1.1 200 OK\r\n", CHUNKED[:-7], b"HTTP/1.1 100 C\r\n\r\n"],
)
def test_no_bytes_are_too_odd(before: bytes, data: bytes, ended: bool, method: str) -> None:  # noqa: FBT001
    found = read_response(before + data, ended=ended, method=method)
    assert found is None or isinstance(found.line, str)


@given(st.data())
@pytest.mark.parametrize("whole", [PLAIN, CHUNKED, UNBOUNDED])
def test_no_flipped_bit_is_too_odd(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        broken[place] ^= 1 << data.draw(st.integers(0, 7))
    found = read_response(bytes(broken), ended=True)
    assert found is None or isinstance(found.line, str)


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/" * 50_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 40_000,
        b"HTTP/1.1 200 OK\r\n" + b" " * 250_000,
        b"HTTP/1.1 200 OK\r\nA: " + b" " * 250_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 40_000,
        b"HTTP/1.1 100 C\r\n\r\n" * 12_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 200_000 + b"\r\n\r\n",
    ],
)
def test_much_takes_linear_time(data: bytes) -> None:
    def seconds(part: bytes) -> float:
        began = time.process_time()
        read_response(part, ended=True)
        return time.process_time() - began

    assert seconds(data) < 0.5 + 12 * seconds(data[: len(data) // 4])


def test_a_change_of_protocol_is_a_response() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    response = read_response(head + b"\x81\x02hi")
    assert response is not None
    assert (response.status, response.headers["upgrade"]) == (101, "websocket")
