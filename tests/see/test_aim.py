from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput, NotFound
from homeport.model.snapshot import Namespace, Snapshot
from homeport.see.aim import aimed_at, parse_aim, still_open
from tests.report.samples import OTHER_NETNS, OWN_NETNS, POSTGRES, VITE, listener

if TYPE_CHECKING:
    from homeport.model.sockets import Listener

LOCAL4 = listener("127.0.0.1", 8000, VITE)
LOCAL6 = listener("::1", 8000, VITE)
ANY4 = listener("0.0.0.0", 8000, POSTGRES)
ANY6 = listener("::", 8000, POSTGRES, v6only=False)
ONLY6 = listener("::", 8000, POSTGRES, v6only=True)
DATAGRAMS = listener("127.0.0.1", 8000, POSTGRES, transport=Transport.UDP)
MULTIPATH = listener("127.0.0.1", 8000, VITE, transport=Transport.MPTCP)
ELSEWHERE = listener("127.0.0.1", 8000, VITE, netns=OTHER_NETNS)


def hit(text: str, *listeners: Listener) -> list[Listener]:
    namespaces = (Namespace(OWN_NETNS, own=True), Namespace(OTHER_NETNS, name="blue"))
    return aimed_at(Snapshot(0, listeners, namespaces=namespaces), parse_aim(text))


@pytest.mark.parametrize(
    ("text", "there", "meant"),
    [
        ("8000", [LOCAL4, ANY6], [LOCAL4, ANY6]),
        ("127.0.0.1:8000", [LOCAL4, ANY4], [LOCAL4]),
        ("127.0.0.1:8000", [ANY4, LOCAL6], [ANY4]),
        ("127.0.0.1:8000", [ANY6], [ANY6]),
        ("localhost:8000", [LOCAL4, LOCAL6, ANY4], [LOCAL4, LOCAL6]),
        ("localhost:8000", [ANY6], [ANY6]),
        ("http://localhost:8000/x", [LOCAL4], [LOCAL4]),
        ("*:8000", [LOCAL4, ANY4], [ANY4]),
        ("[::1]:8000", [LOCAL4, ANY6], [ANY6]),
        ("8000", [DATAGRAMS, LOCAL4], [LOCAL4]),
        ("8000", [DATAGRAMS], [DATAGRAMS]),
        ("udp/8000", [DATAGRAMS, LOCAL4], [DATAGRAMS]),
        ("tcp/8000", [MULTIPATH, DATAGRAMS], [MULTIPATH]),
        ("pid:812", [LOCAL4, ANY4, ELSEWHERE], [LOCAL4, ELSEWHERE]),
        (" pid:300 ", [LOCAL4, ANY4], [ANY4]),
    ],
)
def test_the_sockets_that_would_answer_are_meant(
    text: str, there: list[Listener], meant: list[Listener]
) -> None:
    assert hit(text, *there) == meant


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("8001", [LOCAL4]),
        ("127.0.0.1:8000", [LOCAL6]),
        ("127.0.0.1:8000", [ONLY6]),
        ("udp/8000", [LOCAL4]),
        ("8000", [ELSEWHERE]),
        ("pid:1", [LOCAL4]),
        ("8000", []),
    ],
)
def test_nobody_is_there(text: str, there: list[Listener]) -> None:
    with pytest.raises(NotFound):
        hit(text, *there)


def test_somebody_in_another_namespace_is_pointed_out() -> None:
    with pytest.raises(NotFound) as raised:
        hit("8000", ELSEWHERE)
    assert raised.value.why == "in another one somebody does: blue"
    assert raised.value.next_step == "to mean that process: pid:812"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pid:",
        "pid:x",
        "pid:-1",
        "pid:99999999999",
        "70000",
        "localhost",
        "db.example:80",
        "1.2.3",
    ],
)
def test_what_names_no_socket_is_wrong_usage(text: str) -> None:
    with pytest.raises(BadInput):
        parse_aim(text)


def test_what_is_left_open_is_found_again_by_its_place() -> None:
    again = LOCAL4._replace(inode=77, owners=(POSTGRES,))
    after = Snapshot(0, (again, LOCAL6, ELSEWHERE))
    assert still_open(after, [LOCAL4]) == (again,)
