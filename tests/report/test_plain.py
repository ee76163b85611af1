from __future__ import annotations

from homeport.report.plain import FIELDS, plain_lines
from tests.report.samples import EVERYTHING, OWN_NETNS, VITE, listener


def test_every_line_has_every_field_whatever_the_names_are() -> None:
    lines = list(plain_lines(EVERYTHING))
    assert len(lines) == 8 + 3 + 3
    for line in lines:
        assert line.replace("\t", "").isprintable()
        assert len(line.split("\t")) == len(line.split()) == len(FIELDS)
        assert "" not in line.split("\t")


def test_a_listener() -> None:
    snapshot = EVERYTHING._replace(
        listeners=(listener("127.0.0.1", 5173, VITE, VITE._replace(pid=813, name="a b")),),
        connections=(),
        unix_listeners=(),
    )
    (line,) = plain_lines(snapshot)
    assert dict(zip(FIELDS, line.split("\t"), strict=True)) == {
        "transport": "tcp",
        "state": "LISTEN",
        "address": "127.0.0.1",
        "port": "5173",
        "peer_address": "-",
        "peer_port": "-",
        "scope": "loopback",
        "class": "user",
        "certainty": "seen",
        "pids": "812,813",
        "names": "node,a\\x20b",
        "user": "me",
        "project": "shop",
        "since": "2027-01-15T07:57:00.000Z",
        "netns": str(OWN_NETNS),
    }


def test_a_connection_has_its_peer_and_a_unix_listener_its_path() -> None:
    lines = [line.split("\t") for line in plain_lines(EVERYTHING)]
    (served,) = [line for line in lines if line[1] == "ESTABLISHED" and line[3] == "5432"]
    assert served[4:6] == ["127.0.0.1", "41000"]
    (database,) = [line for line in lines if line[2] == "/run/postgresql/.s.PGSQL.5432"]
    assert database[:2] == ["unix", "LISTEN"]


def test_the_order_does_not_depend_on_that_of_the_kernel() -> None:
    turned = EVERYTHING._replace(
        listeners=EVERYTHING.listeners[::-1],
        connections=EVERYTHING.connections[::-1],
        unix_listeners=EVERYTHING.unix_listeners[::-1],
    )
    assert list(plain_lines(turned)) == list(plain_lines(EVERYTHING))
