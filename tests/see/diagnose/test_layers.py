"""One line for each layer, whatever the rules make of it."""

from __future__ import annotations

import errno

import pytest
from hypothesis import HealthCheck, given, settings

from homeport.host.client import Client
from homeport.host.pulse import ProcessPulse
from homeport.host.resolver import Resolution
from homeport.model.diagnosis import Layer, LayerReport, Standing
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.model.identity import Tls
from homeport.model.snapshot import Namespace, Snapshot
from homeport.model.sockets import Listener
from homeport.see.diagnose.case import Attempt, Case, Firewall, Machine, Outcome, Talk
from homeport.see.diagnose.layers import layer_reports
from homeport.wire.exchange import Ended, Heard
from homeport.wire.http1 import Response
from homeport.wire.nftables import FirewallRule
from homeport.wire.service_url import parse_service
from tests.see.diagnose.cases import OWN, PROCESS, cases

LISTENER = Listener(
    Endpoint(Transport.TCP, "127.0.0.1", 8000), 1, OWN, 0, queue=3, backlog=2, owners=(PROCESS,)
)
OK = Response("1.1", 200, "OK", {}, b"ok", complete=True)
WELL = Case(
    service=parse_service("http://localhost:8000"),
    client=Client(9, 1000, {"http_proxy": "x"}),
    resolution=Resolution("localhost", ("127.0.0.1",)),
    machine=Machine(),
    snapshot=Snapshot(0, (LISTENER,), namespaces=(Namespace(OWN, own=True),)),
    attempts=(Attempt("127.0.0.1", Outcome.CONNECTED, None, 1),),
    talk=Talk(Heard(b"x", Ended.ENOUGH), healthy=True, response=OK),
)
REFUSED = WELL._replace(
    attempts=(Attempt("127.0.0.1", Outcome.REFUSED, errno.ECONNREFUSED, 0),),
    talk=None,
    snapshot=WELL.snapshot._replace(listeners=()),
)


def told(case: Case, layer: Layer) -> LayerReport:
    return {each.layer: each for each in layer_reports(case, None)}[layer]


def test_where_all_is_well() -> None:
    texts = {each.layer: each.told for each in layer_reports(WELL, None)}
    assert texts == {
        Layer.ENVIRONMENT: "seen as this process",
        Layer.NAME: "localhost is 127.0.0.1",
        Layer.ROUTE: "to this machine",
        Layer.LISTENER: "127.0.0.1:8000, held by python3 (pid 812)",
        Layer.OWNER: "the processes that hold it are hidden",
        Layer.FIREWALL: "lets it through",
        Layer.TCP: "connecting to 127.0.0.1: connected after 1 ms",
        Layer.TLS: "not asked for",
        Layer.PROTOCOL: "HTTP/1.1",
        Layer.APPLICATION: "HTTP/1.1 200 OK",
    }
    assert told(WELL, Layer.ENVIRONMENT).facts == ("http_proxy is set",)
    assert told(WELL, Layer.TCP).facts == ("3 of 2 connections wait to be accepted",)


def test_what_was_not_reached() -> None:
    standings = {each.layer: each.standing for each in layer_reports(REFUSED, Layer.LISTENER)}
    assert standings[Layer.LISTENER] is Standing.FAILED
    assert standings[Layer.PROTOCOL] is standings[Layer.TCP] is Standing.NOT_REACHED
    assert standings[Layer.NAME] is Standing.PASSED
    assert told(REFUSED, Layer.LISTENER).told == "nothing listens there"
    assert "ECONNREFUSED" in told(REFUSED, Layer.TCP).told


def test_what_failed_before_the_cause_is_only_unknown() -> None:
    standings = {each.layer: each.standing for each in layer_reports(REFUSED, Layer.TCP)}
    assert standings[Layer.LISTENER] is Standing.UNKNOWN


def test_somebody_answers_who_is_not_seen() -> None:
    case = WELL._replace(snapshot=WELL.snapshot._replace(listeners=()))
    assert told(case, Layer.LISTENER).standing is Standing.UNKNOWN


def test_names() -> None:
    address = WELL._replace(resolution=Resolution("::1", ("::1",)))
    assert told(address, Layer.NAME).told == "::1 is an address"
    nothing = WELL._replace(resolution=Resolution("x", error="Name or service not known"))
    assert told(nothing, Layer.NAME).told == "x stands for nothing: Name or service not known"
    assert told(nothing, Layer.NAME).standing is Standing.FAILED


def test_routes() -> None:
    down = REFUSED._replace(machine=Machine(loopback_up=False))
    assert told(down, Layer.ROUTE).standing is Standing.FAILED
    assert told(REFUSED._replace(attempts=()), Layer.ROUTE).standing is Standing.UNKNOWN
    out = WELL._replace(resolution=Resolution("x", ("10.0.0.9",)))
    assert told(out, Layer.ROUTE).told == "out of loopback"


def test_owners() -> None:
    pulse = ProcessPulse(812, "T", 0, 0, 1, descriptors=64, descriptor_limit=64)
    later = pulse._replace(state="R", cpu_ns=900, at_ns=1000)
    case = WELL._replace(before_pulses=(pulse,), pulses=(later, pulse._replace(pid=813)))
    assert told(case, Layer.OWNER).told == (
        "pid 812 is running, uses 90% of a processor, has 64 of 64 descriptors, and 1 more"
    )
    assert told(case, Layer.OWNER).facts == ("pid 813 is stopped, has 64 of 64 descriptors",)


def test_firewalls() -> None:
    rule = FirewallRule("inet", "filter", "input", "input", 4, "drop", 0)
    moved = REFUSED._replace(firewall=Firewall((rule,), (rule._replace(packets=2),)))
    assert told(moved, Layer.FIREWALL).facts == ("inet filter input: drop",)
    hidden = REFUSED._replace(firewall=Firewall(why_hidden="no nft"))
    assert told(hidden, Layer.FIREWALL).told == "no nft"
    assert told(REFUSED, Layer.FIREWALL).standing is Standing.PASSED


@pytest.mark.parametrize(
    ("heard", "standing", "said"),
    [
        (Heard(b"", Ended.UNSECURED, why="BAD"), Standing.FAILED, "BAD"),
        (Heard(b"x", Ended.ENOUGH, Tls("TLSv1.3")), Standing.PASSED, "TLSv1.3"),
        (None, Standing.UNKNOWN, "not tried"),
    ],
)
def test_tls(heard: Heard | None, standing: Standing, said: str) -> None:
    talk = None if heard is None else Talk(heard)
    case = WELL._replace(service=parse_service("https://localhost:8000"), talk=talk)
    assert told(case, Layer.TLS)[1:3] == (standing, said)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (Heard(b"", Ended.RESET), "not a byte came, the end was: reset"),
        (Heard(b"abc", Ended.CLOSED), "3 bytes came that are no http"),
        (Heard(b"", Ended.UNSECURED), "nothing was said"),
    ],
)
def test_what_is_no_protocol(heard: Heard, said: str) -> None:
    report = told(WELL._replace(talk=Talk(heard)), Layer.PROTOCOL)
    assert (report.standing, report.told) == (Standing.FAILED, said)


def test_applications() -> None:
    refused = WELL._replace(talk=Talk(Heard(b"x", Ended.ENOUGH), error=("28P01", "no")))
    assert told(refused, Layer.APPLICATION)[1:3] == (Standing.FAILED, "28P01 no")
    failed = WELL._replace(
        talk=Talk(Heard(b"x", Ended.ENOUGH), response=OK._replace(status=500, reason="Oh"))
    )
    assert told(failed, Layer.APPLICATION).told == "HTTP/1.1 500 Oh"


def test_whoever_wants_to_listen_meets_two_layers() -> None:
    answer = BindAnswer("127.0.0.1", BindVerdict.FREE, BindVerdict.FREE, BindVerdict.FREE)
    free = layer_reports(WELL._replace(binding=(answer,)), None)
    assert [each.layer for each in free] == [Layer.NAME, Layer.LISTENER]
    taken = answer._replace(plain=BindVerdict.TAKEN, why="python3 has it")
    held = layer_reports(WELL._replace(binding=(taken,)), Layer.LISTENER)
    assert (held[1].standing, held[1].told) == (Standing.FAILED, "python3 has it")


@settings(
    max_examples=settings().max_examples // 5,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(case=cases())
@pytest.mark.parametrize("failed", [None, *Layer])
def test_all_layers_in_order_and_one_that_failed(case: Case, failed: Layer | None) -> None:
    reports = layer_reports(case, failed)
    assert [each.layer for each in reports] == list(Layer)
    assert all(each.told for each in reports)
    if failed is not None:
        assert [each.layer for each in reports if each.standing is Standing.FAILED] == [failed]
