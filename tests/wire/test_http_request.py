from __future__ import annotations

import re
from contextlib import suppress
from time import perf_counter

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from homeport.wire.http_request import Head, Refused, read_head
from homeport.wire.http_requests import Part, RequestStream
from homeport.wire.http_switch import SwitchReader
from tests.support import ROOT
from tests.wire.hostile_requests import CHUNKED, HOSTILE, HOSTILE_BODIES, H, Hostile


def status_of(data: bytes) -> int | None:
    try:
        read_head(data)
    except Refused as refused:
        return refused.status
    return None


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.what)
def test_what_has_two_readings_has_one_answer(hostile: Hostile) -> None:
    if hostile.status == 421:
        assert status_of(hostile.data) is None  # for the policy to judge
        return
    assert status_of(hostile.data) == hostile.status
    # The answer is the same however it arrives, and comes no later.
    pieces = [status_of(hostile.data[:size]) for size in range(1, min(len(hostile.data), 3000))]
    assert set(pieces) <= {None, hostile.status}


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(
            each, id=each.what, marks=[pytest.mark.slow] if "endless fields" in each.what else []
        )
        for each in HOSTILE_BODIES
    ],
)
def test_so_have_bodies(hostile: Hostile) -> None:
    assert read_head(hostile.data)
    for size in (1, 7, len(hostile.data)):
        stream = RequestStream(lambda head: head.raw)
        with pytest.raises(Refused) as refused:
            for at in range(0, len(hostile.data), size):
                stream.feed(hostile.data[at : at + size])
        assert refused.value.status == hostile.status


def test_the_documentation_has_the_same_table() -> None:
    page = (ROOT / "docs/explanation/how-the-gateway-works.md").read_text()
    page = page.partition("## What is refused")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| (\d{3}) \|$", page, re.MULTILINE)
    expected = [(each.what, str(each.status)) for each in HOSTILE + HOSTILE_BODIES]
    assert rows == expected


@pytest.mark.parametrize(
    ("data", "host", "body_bytes", "upgrade"),
    [
        (b"GET / HTTP/1.1\r\nHost: API.Shop.localhost.:62893\r\n\r\n", "api.shop.localhost", 0, 0),
        (b"GET / HTTP/1.0\r\nhost:[::1]:80\r\n\r\n", "[::1]", 0, 0),
        (b"GET / HTTP/1.1\r\nHost: \t a_b.localhost \t\r\nX:\r\n\r\n", "a_b.localhost", 0, 0),
        (b"PUT / HTTP/1.1\r\nHost: a\r\nCONTENT-LENGTH: 007\r\n\r\n", "a", 7, 0),
        (b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", "a", None, 0),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a", 0, 0),
        (b"GET http://A:1/x HTTP/1.1\r\nHost: a:1\r\n\r\n", "a", 0, 0),
        (b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: a, UPGRADE\r\n\r\n", "a", 0, 1),
        (b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: keep\r\n\r\n", "a", 0, 0),
        (b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n", "a", 0, 0),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe9 \xff\t!\r\n\r\n", "a", 0, 0),
    ],
)
def test_what_has_one_reading_is_read(
    data: bytes, host: str, body_bytes: int | None, upgrade: int
) -> None:
    head = read_head(data + b"more")
    assert head
    assert (head.host, head.body_bytes, head.upgrade) == (host, body_bytes, bool(upgrade))
    assert head.raw == data


def test_a_field_is_found_by_its_name() -> None:
    head = read_head(b"GET / HTTP/1.1\r\nHost: a\r\nX-Y: One\r\nx-y: two\r\nXX-Y: 3\r\nE:\r\n\r\n")
    assert head
    assert head.field("x-y") == "One"
    assert head.field("Y") is None
    assert head.field("e") == ""
    assert head.field("XX-Y") == "3"


def test_a_hostile_head_takes_no_longer_than_its_length() -> None:
    for filler in (b"a", b"a:", b" ", b"\t", b"\r\n", b"a: b\r\n", b"a: \t", b"\x80"):
        data = b"GET / HTTP/1.1\r\n" + H + filler * (65_000 // len(filler))
        started = perf_counter()
        with suppress(Refused):
            read_head(data)
        assert perf_counter() - started < 0.5


def boundaries_by_h11(data: bytes) -> list[tuple[str, str, bytes]]:
    """The requests in the bytes, as h11 reads them: method, target, body."""
    found: list[tuple[str, str, bytes]] = []
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            found.append((event.method.decode(), event.target.decode(), b""))
        elif isinstance(event, h11.Data):
            method, target, body = found[-1]
            found[-1] = (method, target, body + bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is not h11.DONE:
                return found
            connection.start_next_cycle()
        else:
            return found


TOKENS = st.text("abcXYZ-_!", min_size=1, max_size=5)
HEADS = st.tuples(
    st.sampled_from(["GET", "POST", "put", "X-Y", "OPTIONS"]),
    st.sampled_from(["/", "/a?b=c", "http://api.shop.localhost/x", "//x", "/%00"]),
    st.lists(st.tuples(TOKENS, st.text("ab \tC,;=\xe9\xff", max_size=8)), max_size=4),
)
BODIES = st.one_of(
    st.none(),
    st.binary(max_size=40).map(lambda body: (b"Content-Length: %d\r\n" % len(body), body)),
    st.lists(st.binary(min_size=1, max_size=20), max_size=3).map(
        lambda chunks: (
            b"Transfer-Encoding: chunked\r\n",
            b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks) + b"0\r\n\r\n",
        )
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    method, target, fields = draw(HEADS)
    framing, body = draw(BODIES) or (b"", b"")
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return (
        f"{method} {target} HTTP/1.1\r\n".encode()
        + H
        + lines.encode("latin-1")
        + framing
        + b"\r\n"
        + body
    )


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b" ", b"\0", b":", b"0", b";", b"\t", b"", b"\x0b"]
        ),
    ),
    max_size=3,
)


def mutated(data: bytes, mutations: list[tuple[int, bytes]]) -> bytes:
    for position, piece in mutations:
        at = position % (len(data) + 1)
        data = data[:at] + piece + data[at + (not piece) :]
    return data


@settings(max_examples=settings().max_examples * 4, deadline=None)
@given(
    several=st.lists(requests(), min_size=1, max_size=3),
    mutations=MUTATIONS,
    cut=st.integers(1, 90),
)
@example(several=[CHUNKED + b"1\r\na\r\n0\r\n\r\n", CHUNKED + b"0\r\n\r\n"], mutations=[], cut=1)
def test_h11_reads_the_same_requests_in_what_is_forwarded(
    several: list[bytes], mutations: list[tuple[int, bytes]], cut: int
) -> None:
    data = mutated(b"".join(several), mutations)
    heads: list[Head] = []

    def check(head: Head) -> bytes:
        heads.append(head)
        return head.raw

    stream = RequestStream(check)
    forwarded = b""
    try:
        for at in range(0, len(data), cut):
            forwarded += stream.feed(data[at : at + cut])
    except Refused:
        forwarded += stream.unrefused
    assert data.startswith(forwarded)
    found = boundaries_by_h11(forwarded)
    seen = [(head.method, head.target) for head in heads[: len(found)]]
    # A request that was refused after its head had been looked at is not forwarded.
    assert [each[:2] for each in found] == seen
    assert len(heads) - len(found) in (0, 1)
    if not mutations:
        assert len(found) == len(several)
        assert forwarded == data


@given(data=st.binary(max_size=200), cut=st.integers(1, 50))
def test_random_bytes_are_read_or_refused(data: bytes, cut: int) -> None:
    stream = RequestStream(lambda head: head.raw)
    with suppress(Refused):
        for at in range(0, len(data), cut):
            stream.feed(data[at : at + cut])


UPGRADE = b"GET / HTTP/1.1\r\n" + H + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def test_after_a_question_for_another_protocol_nothing_is_read_until_it_is_answered() -> None:
    stream = RequestStream(lambda head: head.raw)
    assert stream.feed(UPGRADE + b"\x81\x05") == UPGRADE
    assert stream.part is Part.WAITING
    assert stream.feed(b"hello") == b""
    assert stream.switched(True) == b"\x81\x05hello"
    assert stream.feed(b"\0\n") == b"\0\n"


def test_where_it_is_refused_requests_go_on() -> None:
    stream = RequestStream(lambda head: head.raw)
    second = b"GET /2 HTTP/1.1\r\n" + H + b"\r\n"
    assert stream.feed(UPGRADE + second) == UPGRADE
    assert stream.switched(False) == second
    assert stream.heads == 2


def test_a_body_is_not_kept() -> None:
    stream = RequestStream(lambda head: head.raw)
    start = b"PUT / HTTP/1.1\r\n" + H + b"Content-Length: 1000000000000\r\n\r\n"
    assert stream.feed(start) == start
    for _ in range(10):
        assert len(stream.feed(b"x" * 1000)) == 1000
    assert not stream.unfinished


@pytest.mark.parametrize(
    ("answer", "yes"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81", True),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 \r\n\r\n", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", False),
    ],
)
def test_a_server_agrees_to_another_protocol_or_not(answer: bytes, *, yes: bool) -> None:
    assert SwitchReader().feed(answer) is yes
    reader = SwitchReader()
    said = [reader.feed(answer[at : at + 1]) for at in range(len(answer))]
    assert next(each for each in said if each is not None) is yes
    assert SwitchReader().feed(answer[:9]) is None
