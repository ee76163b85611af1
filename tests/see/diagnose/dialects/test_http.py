"""HTTP as its client speaks it, held against scripts: what it says in which case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.identity import Tls
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.dialects.http import DIALECT
from homeport.see.diagnose.rules.s13_no_handshake import RULE as S13
from homeport.see.diagnose.web_words import NO_HANDSHAKE
from homeport.wire.exchange import Ended, Heard, OutOfTime
from homeport.wire.service_url import parse_service
from tests.see.diagnose.dialects.scripted import held, survives_damage
from tests.see.diagnose.rules.made_up import made_up

URL = "http://localhost:8000/a?x=1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(status: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Words", *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


def test_a_healthy_check_is_one_request_over_one_connection() -> None:
    talk, said = held(DIALECT, URL, [OK])
    assert talk.healthy
    (turn,) = said
    assert turn.say.startswith(b"GET /a?x=1 HTTP/1.1\r\nHost: localhost:8000\r\n")
    assert turn.alpn is None


def test_a_handshake_that_failed_is_known_where_there_is_no_time_to_ask_more() -> None:
    talking = DIALECT.converse(parse_service("https://localhost:8000/"))
    next(talking)
    talking.send(Heard(b"", Ended.UNSECURED, why=NO_HANDSHAKE))
    with pytest.raises(StopIteration) as ended:
        talking.throw(OutOfTime())
    talk = ended.value.value
    assert talk.heard.why == NO_HANDSHAKE
    assert talk.cut_off
    verdict = S13.judge(made_up(Outcome.CONNECTED, target="https://127.0.0.1:8000/", talk=talk))
    assert verdict is not None
    assert "could not be heard in the time there was" in " ".join(verdict.evidence)


def test_the_usual_port_is_not_written_in_the_host() -> None:
    _, said = held(DIALECT, "http://localhost:80/", [OK])
    assert b"\r\nHost: localhost\r\n" in said[0].say


def test_the_password_goes_only_where_it_was_meant_for() -> None:
    url = "http://me:secret@localhost:8000/x"
    _, said = held(DIALECT, url, [answer(403), answer(403), answer(403)])
    assert [b"Authorization: Basic" in each.say for each in said] == [True, False]


def test_a_redirect_is_followed_on_the_same_server_only() -> None:
    talk, said = held(DIALECT, URL, [answer(302, "Location: /b"), OK])
    assert talk.healthy
    assert [each.say.split()[1] for each in said] == [b"/a?x=1", b"/b"]
    talk, said = held(DIALECT, URL, [answer(302, "Location: http://example.com/")])
    assert (talk.healthy, len(said)) == (True, 1)


def test_a_login_is_not_followed() -> None:
    talk, said = held(DIALECT, URL, [answer(302, "Location: /login?next=/a")])
    assert (talk.healthy, len(said)) == (True, 1)


def test_a_circle_ends() -> None:
    talk, said = held(DIALECT, URL, [answer(302, "Location: /a?x=1")] * 9)
    assert (talk.healthy, talk.fact("loop"), len(said)) == (False, "/a?x=1", 1)
    ever = [answer(302, f"Location: /{number}") for number in range(20)]
    _, said = held(DIALECT, URL, ever)
    assert len(said) == 6


@pytest.mark.parametrize("status", [400, 403, 421])
def test_another_host_is_tried_where_the_host_may_be_to_blame(status: int) -> None:
    talk, said = held(DIALECT, "http://app.test:8000/", [answer(status), OK])
    assert not talk.healthy
    assert b"Host: localhost:8000" in said[1].say
    assert talk.again[0].response is not None


def test_the_root_is_tried_where_the_path_is_missing() -> None:
    talk, said = held(DIALECT, URL, [answer(404), OK])
    assert [each.url for each in talk.again] == ["/"]
    assert said[1].say.startswith(b"GET / ")


def test_websocket_wants_101() -> None:
    changed = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    assert held(DIALECT, "ws://localhost:8000/", [changed])[0].healthy
    assert not held(DIALECT, "ws://localhost:8000/", [OK])[0].healthy


def test_after_a_broken_certificate_no_password_is_said() -> None:
    refused = Heard(b"", Ended.UNSECURED, why="self-signed certificate", verify_code=18)
    _, said = held(DIALECT, "https://me:secret@localhost:8000/", [refused])
    assert not any(b"Authorization" in each.say for each in said[1:])


def test_in_the_clear_no_password_is_said() -> None:
    refused = Heard(b"", Ended.UNSECURED, why="WRONG_VERSION_NUMBER")
    silent = Heard(b"", Ended.SILENT)
    talk, said = held(DIALECT, "https://me:secret@localhost:8000/", [refused, silent, OK])
    assert talk.plain is not None
    assert not any(b"Authorization" in each.say for each in said[1:])


def test_a_stream_is_healthy_once_its_head_is_there() -> None:
    events = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    assert held(DIALECT, URL, [events])[0].healthy
    assert not held(DIALECT, URL, [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])[0].healthy


@given(st.binary(max_size=300))
def test_anything_is_survived(data: bytes) -> None:
    session = Tls("TLSv1.3")
    for head in (b"", b"HTTP/1.1 302 Found\r\nLocation: ", b"HTTP/1.1 200 OK\r\n", b"\x16\x03\x03"):
        for ended in (Ended.CLOSED, Ended.RESET, Ended.SILENT, Ended.ENOUGH, Ended.UNSECURED):
            for url in (URL, "https://localhost:8000/", "wss://[::1]:8000/x"):
                heard = Heard(head + data, ended, session if ended is Ended.RESET else None)
                held(DIALECT, url, [heard] * 12)


def test_truncation_is_survived() -> None:
    assert survives_damage(DIALECT, URL, [answer(302, "Location: /b"), answer(404), OK])
