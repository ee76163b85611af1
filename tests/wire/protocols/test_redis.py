"""Redis, as 7.0.15 answered, and Valkey, as 9.1.2 did.

The answers of Dragonfly are built from the documentation of its HELLO and INFO, and so is that of
an old Redis: neither could be had.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import NONSENSE, Finding
from homeport.wire.protocols.redis import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

HELLO, INFO = PROTOCOL.probes
ANSWER = (
    b"*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n"
    b"$2\r\nid\r\n:5\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    b"$7\r\nmodules\r\n*0\r\n"
)
VALKEY = (
    b"*14\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$7\r\nversion\r\n$5\r\n9.1.2\r\n$5\r\nproto\r\n:2\r\n"
    b"$2\r\nid\r\n:3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    b"$7\r\nmodules\r\n*1\r\n*8\r\n$4\r\nname\r\n$3\r\nlua\r\n$3\r\nver\r\n:1\r\n$4\r\npath\r\n$3\r\nlua\r\n"
    b"$4\r\nargs\r\n*0\r\n"
)
DRAGONFLY = ANSWER.replace(b"$5\r\nproto", b"$12\r\ndfly_version\r\n$7\r\nv1.21.2\r\n$5\r\nproto")
REFUSAL = (
    b"-ERR unknown command '@', with args beginning with: '/' 'HTTP/1.1' \r\n"
    b"-ERR unknown command 'Host:localhost', with args beginning with: \r\n"
    b"-ERR unknown command 'Connection:', with args beginning with: 'close' \r\n"
)
LOCKED = b"-NOAUTH HELLO must be called with the client already authenticated, otherwise\r\n"


def info(*lines: bytes) -> bytes:
    text = b"".join(line + b"\r\n" for line in (b"# Server", *lines))
    return b"$%d\r\n%s\r\n" % (len(text), text)


@pytest.mark.parametrize(
    ("answer", "product", "version"),
    [
        (ANSWER, "Redis", "7.0.15"),
        (ANSWER.replace(b"*14", b"%7"), "Redis", "7.0.15"),
        (VALKEY, "Valkey", "9.1.2"),
        (DRAGONFLY, "Dragonfly", "v1.21.2"),
    ],
)
def test_hello_tells_product_and_version(answer: bytes, product: str, version: str) -> None:
    found = HELLO.read(answer)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("redis", product, version)


@pytest.mark.parametrize(
    ("answer", "product", "version"),
    [
        (info(b"redis_version:5.0.14", b"redis_mode:standalone"), "Redis", "5.0.14"),
        (
            info(b"redis_version:7.2.4", b"server_name:valkey", b"valkey_version:9.1.2"),
            "Valkey",
            "9.1.2",
        ),
    ],
)
def test_info_tells_what_an_old_hello_does_not(answer: bytes, product: str, version: str) -> None:
    found = INFO.read(answer)
    assert found is not None
    assert (found.product, found.version) == (product, version)
    assert INFO.read(answer[:-8]) is None


@pytest.mark.parametrize(
    "error",
    [
        LOCKED,
        b"-NOAUTH Authentication required.\r\n",
        b"-ERR unknown command `HELLO`, with args beginning with: \r\n",
        b"-ERR wrong number of arguments for 'hello' command\r\n",
        b"-LOADING Redis is loading the dataset in memory\r\n",
    ],
)
def test_an_error_proves_the_protocol_and_no_more(error: bytes) -> None:
    found = HELLO.read(error)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("redis", None, None)


def test_it_is_known_by_what_it_says_to_nonsense() -> None:
    assert PROTOCOL.nonsense is not None
    told = "-ERR unknown command '@', with args beginning with: '/' 'HTT"
    assert PROTOCOL.nonsense(REFUSAL) == Finding("redis", told)
    assert PROTOCOL.nonsense(b"-ERR Unknown command.\r\n") is None  # a POP3 server


def test_it_may_refuse_before_anything_is_said() -> None:
    assert PROTOCOL.greeting is not None
    for words in (
        b"-DENIED Redis is running in protected mode because protected mode is enabled\r\n",
        b"-ERR max number of clients reached\r\n",
    ):
        assert PROTOCOL.greeting(words) is not None
    assert PROTOCOL.greeting(LOCKED) is None


def test_no_line_is_one_that_redis_takes_for_an_attack() -> None:
    said = [NONSENSE, *(each.hello for each in PROTOCOL.probes)]
    first = [line.split(b" ")[0].upper() for each in said for line in each.split(b"\r\n")]
    assert not {b"POST", b"HOST:"} & set(first)


def test_the_bus_of_a_cluster_is_left_alone() -> None:
    assert PROTOCOL.harm is not None
    title = ("redis-server 127.0.0.1:7000 [cluster]",)
    assert PROTOCOL.harm(title, 17000)
    assert PROTOCOL.harm(title, 7000) is None
    assert PROTOCOL.harm(("redis-server *:7000",), 17000) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, b"*" + data)
    assert survives(PROTOCOL, b"$5\r\n" + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, ANSWER)
    assert survives_damage(PROTOCOL, REFUSAL)
    assert survives_damage(PROTOCOL, LOCKED)
    assert survives_damage(PROTOCOL, info(b"redis_version:5.0.14"))
