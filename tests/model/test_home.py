from __future__ import annotations

import pytest

from homeport.model.endpoint import Transport
from homeport.model.home import Held, Home
from homeport.model.lease import LeaseFacts, LeaseKey
from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus

WEB = ServiceStatus(
    "web", ServiceState.READY, 0, pid=812, port=20123, hosts=("web.shop", "shop")
)  # fmt: skip
WORKER = ServiceStatus("worker", ServiceState.READY, 0)
SHOP = ProjectStatus("shop", "/srv/shop", None, "homeport.toml", 7, (WEB, WORKER), 62893)
OTHER_WEB = ServiceStatus("web", ServiceState.STOPPED, 0, port=20999, hosts=("web.dev.shop",))
OTHER = ProjectStatus("shop", "/srv/shop/dev", "dev", "homeport.toml", 8, (OTHER_WEB,), 62893)
LEASE = LeaseFacts(Transport.TCP, 20123, LeaseKey("/srv/shop", "web"), 7)
HOME = Home((Held(LEASE, SHOP, WEB), Held(LeaseFacts(Transport.UDP, 20500))), (SHOP, OTHER))


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (Held(LEASE, SHOP, WEB), "web of shop"),
        (Held(LEASE), "web of shop"),
        (Held(LEASE, OTHER, OTHER_WEB), "web of shop (dev)"),
        (Held(LeaseFacts(Transport.TCP, 1, LeaseKey("/srv/shop", "run flask flask"))),
         "flask of shop"),
        (Held(LeaseFacts(Transport.TCP, 1, LeaseKey("/", "my web"))), "my web of /"),
        (Held(LeaseFacts(Transport.TCP, 1)), "somebody"),
    ],
)  # fmt: skip
def test_for_whom_a_port_is_held(held: Held, words: str) -> None:
    assert held.words == words


def test_a_port_is_one_of_its_transport() -> None:
    assert HOME.at(20123) is HOME.held[0]
    assert HOME.at(20123, Transport.MPTCP) is HOME.held[0]
    assert HOME.at(20123, Transport.UDP) is None
    assert HOME.at(20500, Transport.UDP) is HOME.held[1]
    assert HOME.at(20500) is None


def test_a_host_leads_to_its_service() -> None:
    assert HOME.behind("WEB.shop.localhost.") == (SHOP, WEB)
    assert HOME.behind("shop") == (SHOP, WEB)
    assert HOME.behind("api.shop.localhost") is None
    assert HOME.hosts == ("web.shop", "shop", "web.dev.shop")
    assert HOME.gateway_ports == {62893}
    assert Home().gateway_ports == frozenset()


@pytest.mark.parametrize(
    ("name", "directory", "found"),
    [
        ("web", "/srv/shop", [(SHOP, WEB)]),
        ("web", "/srv/shop/src", [(SHOP, WEB)]),
        ("web", "/srv/shop/dev/src", [(OTHER, OTHER_WEB)]),
        ("web", "/srv", [(SHOP, WEB), (OTHER, OTHER_WEB)]),
        ("Shop:Web", "/srv/shop/dev", [(OTHER, OTHER_WEB)]),
        ("worker", "/elsewhere", [(SHOP, WORKER)]),
        ("shop:api", "/srv/shop", []),
        ("blog:web", "/srv/shop", []),
    ],
)
def test_which_services_a_name_may_mean(
    name: str, directory: str, found: list[tuple[ProjectStatus, ServiceStatus]]
) -> None:
    assert list(HOME.named(name, directory)) == found
