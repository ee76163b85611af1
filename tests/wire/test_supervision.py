from __future__ import annotations

import json

import pytest

from homeport.model.errors import BrokenMessage
from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus
from homeport.wire.supervision import parse_service, parse_status, service_json, status_json

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
    "change", [{"state": "odd"}, {"last_lines": "text"}, {"hosts": 1}, {"hosts": None}]
)
def test_what_is_not_of_the_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BrokenMessage):
        parse_service({**service_json(WEB), **change})
    with pytest.raises(BrokenMessage):
        parse_service({"name": "web"})
