"""Leases for people and for programs."""

from __future__ import annotations

import json
from importlib.resources import files

from homeport.model.endpoint import Transport
from homeport.model.lease import LeaseFacts, LeaseKey
from homeport.report.lease_text import lease_json, lease_lines
from homeport.report.style import Style
from tests.schemas import validate

LEASES = [
    LeaseFacts(Transport.TCP, 20123, LeaseKey("/home/ada/shop", "web"), 812),
    LeaseFacts(Transport.UDP, 28001),
]


def test_a_row_for_each() -> None:
    assert [line.split() for line in lease_lines(LEASES, Style())] == [
        ["PORT", "NAME", "HELD", "BY", "PROJECT"],
        ["20123", "web", "812", "/home/ada/shop"],
        ["28001", "udp", "?"],
    ]


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in range(5, 90):
        assert max(map(len, lease_lines(LEASES, Style(width=width)))) <= width


def test_none_is_a_sentence() -> None:
    assert lease_lines([], Style()) == ["no port is leased"]


def test_the_document_keeps_its_schema() -> None:
    schema = json.loads(
        files("homeport.report").joinpath("schemas", "lease-1.json").read_text("utf-8")
    )
    odd = LeaseFacts(Transport.TCP, 1, LeaseKey("/caf\udce9", "x"), 1)
    document = json.loads(json.dumps(lease_json([*LEASES, odd])))
    validate(document, schema)
    assert document["leases"][2]["root"] == "/caf\\xe9"
