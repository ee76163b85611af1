from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus
from homeport.wire.json_lines import encode
from homeport.wire.supervision import (
    VERSION,
    Request,
    last_lines,
    parse_request,
    parse_service,
    parse_status,
    request_json,
    service_json,
    status_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WEB = ServiceStatus(
    "web",
    ServiceState.FAILED,
    12,
    port=20123,
    reason="ended with status 3",
    last_lines=("one", "two"),
    advice="its process is stopped: kill -CONT 812",
    hosts=("web.shop", "shop"),
)
SHOP = ProjectStatus("shop", "/srv/shop", None, "homeport.toml", 7, (WEB,), 62893, ("a note",))


def test_a_status_comes_back_as_it_was() -> None:
    assert parse_status(json.loads(json.dumps(status_json(SHOP)))) == SHOP


def test_what_an_earlier_version_does_not_tell_has_its_default() -> None:
    told = service_json(WEB)
    del told["advice"], told["hosts"]
    assert parse_service(told) == WEB._replace(advice=None, hosts=())


@pytest.mark.parametrize(
    "change",
    [
        {"state": "odd"},
        {"last_lines": "text"},
        {"hosts": 1},
        {"hosts": None},
        {"port": "80"},
        {"port": True},
        {"changed_ns": None},
        {"name": 1},
        {"reason": []},
    ],
)
def test_what_is_not_of_the_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BrokenMessage):
        parse_service({**service_json(WEB), **change})
    with pytest.raises(BrokenMessage):
        parse_service({"name": "web"})


@pytest.mark.parametrize(
    "change",
    [{"pid": "7"}, {"services": None}, {"services": [7]}, {"root": None}, {"notes": "x"}],
)
def test_a_project_that_is_not_of_the_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BrokenMessage):
        parse_status({**status_json(SHOP), **change})


def test_a_request_comes_back_as_it_was() -> None:
    request = Request("attach", ("web", "käse"), 12, 200, 50, force=True, what="dump")
    assert parse_request(json.loads(json.dumps(request_json(request)))) == request


def test_what_a_request_does_not_say_has_its_default() -> None:
    told = {"version": VERSION, "action": "stop", "services": []}
    assert parse_request(told) == Request("stop")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"action": "explode"},
        {"action": ["stop"]},
        {"services": "web"},
        {"services": [1]},
        {"services": ["web"] * 1001},
        {"tail": -1},
        {"tail": True},
        {"tail": 1.5},
        {"columns": 10_001},
        {"rows": "24"},
    ],
)
def test_a_request_that_is_not_understood_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BrokenMessage):
        parse_request({**request_json(Request("stop", ("web",))), **change})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
keys = st.sampled_from(
    [*Request._fields, *ServiceStatus._fields, *ProjectStatus._fields, "version", "notes"]
)


@given(st.dictionaries(keys, values), st.sampled_from([parse_request, parse_status, parse_service]))
def test_whatever_comes_is_a_value_or_refused(
    message: dict[str, object], parse: Callable[[Mapping[str, object]], object]
) -> None:
    for whole in (message, {**request_json(Request("status")), **message}):
        with suppress(BrokenMessage):
            parse(whole)


@given(st.dictionaries(keys, values))
def test_a_status_that_is_broken_in_places_is_a_value_or_refused(
    message: dict[str, object],
) -> None:
    with suppress(BrokenMessage):
        parse_status({**status_json(SHOP), "services": [{**service_json(WEB), **message}]})


@given(st.lists(st.text(max_size=9000), max_size=40), st.integers(1, 300))
@settings(max_examples=30)
def test_a_status_is_never_longer_than_a_message_may_be(lines: list[str], number: int) -> None:
    services = (WEB._replace(last_lines=tuple(lines)),) * number
    assert encode({"status": status_json(SHOP._replace(services=services))})


def test_of_the_last_lines_the_last_ones_are_told() -> None:
    lines = [f"{number:03}" for number in range(100)]
    assert last_lines(lines, 12) == ["096", "097", "098", "099"]
    assert last_lines(["x" * 9000], 10_000) == ["x" * 500]
    assert last_lines(lines, 0) == []
