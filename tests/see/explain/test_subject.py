from __future__ import annotations

import pytest

from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput, NotFound
from homeport.model.explanation import Symptom
from homeport.model.target import Target
from homeport.see.explain.subject import describe, read


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("5432", Target(port=5432)),
        ("127.0.0.1:5432", Target(address="127.0.0.1", port=5432)),
        ("::1:5432", Target(address="::1", port=5432)),
        (":::3000", Target(address="::", port=3000)),
        ("::1", Target(address="::1")),
        ("localhost", Target(host="localhost")),
        ("tcp 127.0.0.1:80", Target("127.0.0.1", 80, transport=Transport.TCP)),
        ("udp/53", Target(port=53, transport=Transport.UDP)),
        ("'127.0.0.1:62893',", Target(address="127.0.0.1", port=62893)),
        ("  8000\n", Target(port=8000)),
    ],
)
def test_one_word_is_an_endpoint(text: str, target: Target) -> None:
    assert read(text).mentions[0].target == target


@pytest.mark.parametrize("text", ["pid:812", "PID: 812", "pid:0812"])
def test_a_pid(text: str) -> None:
    assert read(text).pid == 812


@pytest.mark.parametrize("text", ["pid:", "pid:x", "pid:99999999999", "pid:-1"])
def test_what_is_no_pid(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


def test_a_name() -> None:
    assert read("postgresql").name == "postgresql"
    assert read("api.localhost").name is None


def test_a_sentence_is_searched() -> None:
    reading = read("Error: connect ECONNREFUSED ::1:5432\n  at TCPConnectWrap (net.js:1:2)")
    assert reading.mentions[0].target == Target(address="::1", port=5432)
    assert reading.mentions[0].symptom is Symptom.REFUSED
    assert reading.asked.startswith("Error: connect ECONNREFUSED ::1:5432 at TCP")


@pytest.mark.parametrize(
    "text", ["", "  \n", "70000", "127.0.0.1.1", "127.0.0.1:x", "1.2.3.4:70000"]
)
def test_what_is_meant_as_an_endpoint_and_cannot_be_one(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


def test_a_number_too_large_for_a_port_may_be_a_pid() -> None:
    with pytest.raises(BadInput) as caught:
        read("812345")
    assert caught.value.next_step == "if it is a pid: homeport explain pid:812345"


@pytest.mark.parametrize(
    "text",
    [
        "ERR_SOCKET_BAD_PORT: options.port should be >= 0 and < 65536. Received number (70000).",
        "OverflowError: bind(): port must be 0-65535., got 70000",
        "java.lang.IllegalArgumentException: port out of range:70000",
    ],
)
def test_a_complaint_of_a_port_that_there_is_not(text: str) -> None:
    with pytest.raises(BadInput, match="port 70000 does not exist"):
        read(text)


def test_several_endpoints_are_explained_one_at_a_time() -> None:
    with pytest.raises(BadInput, match="these are 2 endpoints") as caught:
        read("80 81")
    assert caught.value.next_step == "one at a time: homeport explain 80"


def test_a_text_with_nothing_in_it() -> None:
    with pytest.raises(NotFound):
        read("all is well")


def test_secrets_are_masked_and_the_rest_is_cut() -> None:
    reading = read("could not connect to postgres://ada:s3cr3t@localhost:5432/shop " + "x" * 5000)
    assert "s3cr3t" not in reading.asked
    assert len(reading.asked) <= 200
    with pytest.raises(BadInput) as caught:
        read("postgres://ada:s3cr3t@local host:x".replace(" ", ""))
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(port=53), "port 53"),
        (Target(port=53, transport=Transport.UDP), "UDP port 53"),
        (Target(address="::1", port=53), "[::1]:53"),
        (Target(host="localhost", port=53), "localhost:53"),
        (Target(wildcard=True, port=53), "*:53"),
    ],
)
def test_words_for_a_target(target: Target, words: str) -> None:
    assert describe(target) == words
