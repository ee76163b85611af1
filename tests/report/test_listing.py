from __future__ import annotations

import re

import pytest

from homeport.model.endpoint import Transport
from homeport.model.process import Certainty
from homeport.model.sockets import Behind, BehindKind, Listener
from homeport.report.cells import endpoint_text, folded, what
from homeport.report.listing import connection_lines, listener_lines, notes, unix_lines
from homeport.report.style import Style, columns
from homeport.report.tree import tree_lines
from tests.report.samples import CONTEXT, EVERYTHING, POSTGRES, VITE, listener

STYLE = Style()
GROUPS = [("Your projects", EVERYTHING.listeners[:2]), ("System", EVERYTHING.listeners[2:])]


def row(lines: list[str], start: str) -> str:
    found = [line for line in lines if line.startswith(start)]
    assert len(found) == 1, lines
    return found[0]


def test_a_row_says_what_it_is_whose_and_who_can_reach_it() -> None:
    lines = listener_lines(GROUPS, CONTEXT, STYLE)
    assert re.split(r"  +", row(lines, "localhost:5173")) == [
        "localhost:5173",
        "vite",
        "node 812",
        "shop (feature/cart)",
        "user",
        "this machine",
        "3 min",
    ]


def test_the_user_is_named_where_it_is_somebody_else() -> None:
    assert "postgres 300 (postgres)" in row(
        listener_lines(GROUPS, CONTEXT, STYLE), "127.0.0.1:5432"
    )


def test_what_is_not_known_for_sure_is_marked_and_explained() -> None:
    lines = listener_lines(GROUPS, CONTEXT, STYLE)
    assert "hidden (root)" in row(lines, "udp 0.0.0.0:53")
    assert "no process" in row(lines, "*:2049")
    assert re.search(r" 666 \?", row(lines, "127.0.0.1:9000"))
    assert "node 812 +" in row(lines, "127.0.0.1:80 ")
    told = notes(EVERYTHING, CONTEXT, STYLE)
    assert any(line.startswith("?:") for line in told)
    assert any(line.startswith("+:") for line in told)
    assert "The owner of 3 sockets is hidden from this user. To see: sudo homeport" in told


def test_root_is_not_told_to_use_sudo() -> None:
    as_root = CONTEXT._replace(own_uids=frozenset({0}))
    told = notes(EVERYTHING._replace(unix_listeners=()), as_root, STYLE)
    assert "The owner of 1 socket is hidden even from root: protected, or elsewhere." in told


def test_nothing_is_explained_where_nothing_is_marked() -> None:
    plain = EVERYTHING._replace(
        listeners=EVERYTHING.listeners[:3], connections=(), unix_listeners=(), limits=()
    )
    assert notes(plain, CONTEXT, STYLE) == []


def test_another_namespace_is_named_and_its_loopback_is_its_own() -> None:
    of_lab = row(listener_lines(GROUPS, CONTEXT, STYLE), "127.0.0.1:80 ")
    assert "lab" in of_lab
    assert "its namespace" in of_lab


def test_a_container_is_shown_behind_its_proxy() -> None:
    assert "→ docker 0123456789ab" in row(listener_lines(GROUPS, CONTEXT, STYLE), "0.0.0.0:8080")


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (Behind(BehindKind.SOCKET_ACTIVATION, "", owners=(POSTGRES,)), "-> postgres"),
        (Behind(BehindKind.SOCKET_ACTIVATION, "", unit="cups.service"), "-> cups.service"),
        (Behind(BehindKind.SOCKET_ACTIVATION, ""), "-> socket activation"),
    ],
)
def test_what_stands_behind_is_said_as_far_as_it_is_known(behind: Behind, words: str) -> None:
    assert what(listener(behind=behind), Style(unicode=False)) == words


def test_without_an_owner_the_port_suggests_a_service() -> None:
    hidden = listener("0.0.0.0", 22, certainty=Certainty.HIDDEN)._replace(service_name="ssh")
    lines = listener_lines([("System", [hidden])], CONTEXT, STYLE)
    assert "ssh?" in row(lines, "0.0.0.0:22")


@pytest.mark.parametrize(
    ("listeners", "text"),
    [
        ([listener("0.0.0.0", 80, VITE), listener("::", 80, VITE, v6only=True)], "*:80"),
        ([listener("::", 80, VITE, v6only=False)], "*:80"),
        ([listener("::", 80, VITE, v6only=True)], "[::]:80"),
        ([listener("127.0.0.1", 80, VITE), listener("::1", 80, VITE)], "localhost:80"),
        ([listener("127.0.0.1", 53, VITE), listener("10.0.0.1", 53, VITE)], "127.0.0.1:53 +1"),
        ([listener("127.0.0.1", 53, VITE, transport=Transport.UDP)], "udp 127.0.0.1:53"),
    ],
)
def test_an_endpoint_on_several_addresses_is_one_thing(
    listeners: list[Listener], text: str
) -> None:
    assert folded(listeners) == [listeners]
    assert endpoint_text(listeners) == text


@pytest.mark.parametrize(
    "other",
    [
        listener("::1", 5173, POSTGRES),
        listener("::1", 5174, VITE),
        listener("::1", 5173, VITE, netns=1),
        listener("::1", 5173, VITE, transport=Transport.UDP),
        listener("::1", 5173, VITE, certainty=Certainty.INFERRED),
    ],
)
def test_different_things_stay_apart(other: Listener) -> None:
    assert len(folded([listener("127.0.0.1", 5173, VITE), other])) == 2


def test_connections_have_their_peer_and_state() -> None:
    lines = connection_lines(EVERYTHING.connections, CONTEXT, STYLE)
    assert re.split(r"  +", row(lines, "127.0.0.1:5432")) == [
        "127.0.0.1:5432",
        "127.0.0.1:41000",
        "ESTABLISHED",
        "postgres 300 (postgres)",
    ]
    closed = [line for line in lines if "TIME-WAIT" in line]
    assert closed == ["127.0.0.1:41000  127.0.0.1:41001  TIME-WAIT"]
    assert lines[-1:] == closed  # what nobody holds any more, after all that somebody does


def test_unix_sockets_by_path() -> None:
    lines = unix_lines(EVERYTHING.unix_listeners, CONTEXT, STYLE)
    assert "postgres 300" in row(lines, "/run/postgresql/.s.PGSQL.5432")
    assert row(lines, "(unnamed)")


@pytest.mark.parametrize("width", [1, 9, 20, 40, 60, 80, 120])
@pytest.mark.parametrize("fancy", [True, False])
def test_no_line_breaks_and_none_is_too_wide(width: int, fancy: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    style = Style(width, unicode=fancy)
    lines = [
        *listener_lines(GROUPS, CONTEXT, style),
        *connection_lines(EVERYTHING.connections, CONTEXT, style),
        *unix_lines(EVERYTHING.unix_listeners, CONTEXT, style),
        *tree_lines(EVERYTHING.listeners, CONTEXT, style),
        *notes(EVERYTHING, CONTEXT, style),
    ]
    assert len(lines) > 20
    for line in lines:
        assert columns(line) <= width
        assert line.isprintable()
        assert fancy or line.isascii()


def test_forty_columns_keep_the_endpoint_and_the_owner() -> None:
    lines = listener_lines(GROUPS, CONTEXT, Style(40))
    assert lines[0].split()[:2] == ["ENDPOINT", "OWNER"]
    assert "node 812" in row(lines, "localhost:5173")
