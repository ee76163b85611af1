"""Leases of a project that change together, and what becomes of a port between two runs."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from homeport.model.lease import PortTaken
from homeport.model.service import Hold, Service
from homeport.run.leases import acquire, listed
from homeport.run.supervise.leases import Leases
from homeport.run.supervise.port import ServicePort
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def leases(tmp_path: Path) -> Generator[Leases]:
    made = Leases(lambda key, port: acquire(key, port=port), str(tmp_path), "part")
    yield made
    made.close()


def service(name: str, port: int | None = None) -> Service:
    return Service(name, "/", "test", port=port)


def have(leases: Leases, *services: Service) -> dict[str, int]:
    change = leases.prepare(services)
    change.carry_out()
    return change.ports


def all_leased() -> set[int]:
    return {each.port for each in listed()}


def test_a_service_keeps_its_port_until_it_wants_another(leases: Leases) -> None:
    first = have(leases, service("web"), service("api"))
    assert len(set(first.values())) == 2
    assert have(leases, service("web"), service("api", first["api"])) == first
    other = leased_port()
    assert have(leases, service("web", other), service("api")) == {**first, "web": other}
    assert first["web"] not in all_leased()
    lease = leases.get("web")
    assert lease is not None
    assert (lease.port, lease.key and lease.key.name) == (other, "part web")
    assert have(leases, service("api")) == {"api": first["api"]}
    assert leases.get("web") is None
    assert other not in all_leased()


def test_a_change_that_fails_changes_nothing(leases: Leases) -> None:
    before = have(leases, service("web"))
    wanted = leased_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = service("api", taken.getsockname()[1])
        with pytest.raises(PortTaken):
            leases.prepare([service("web", wanted), busy])
    assert wanted not in all_leased()
    leases.prepare([service("web", wanted)]).give_up()
    assert wanted not in all_leased()
    assert before["web"] in all_leased()
    assert have(leases, service("web")) == before


def test_ports_are_exchanged_and_taken_over(leases: Leases) -> None:
    one, two = leased_port(), leased_port()
    have(leases, service("web", one), service("api", two))
    assert have(leases, service("web", two), service("api", one)) == {"web": two, "api": one}
    assert have(leases, service("new", two)) == {"new": two}
    assert one not in all_leased()
    leases.close()
    assert two not in all_leased()


def test_a_port_that_another_one_keeps_is_taken(leases: Leases) -> None:
    ports = have(leases, service("web"))
    with pytest.raises(PortTaken):
        leases.prepare([service("web"), service("api", ports["web"])])


def connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def may_be_bound(port: int) -> bool:
    """By a server that does not set SO_REUSEADDR."""
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_a_port_that_was_let_go_is_held_again_between_two_runs() -> None:
    with acquire() as lease:
        port = ServicePort(lease)
        assert port.prepare(Hold.LET_GO) is None
        assert may_be_bound(lease.port)
        port.between()
        assert not may_be_bound(lease.port)
        port.prepare(Hold.LET_GO)
        port.rest()
        assert not may_be_bound(lease.port)


def test_a_socket_is_handed_over_again_and_again_until_nothing_runs() -> None:
    with acquire() as lease, acquire() as other:
        port = ServicePort(lease)
        first = port.prepare(Hold.HANDED)
        port.between()
        assert first is not None
        assert port.prepare(Hold.HANDED) is first
        assert connects(lease.port)
        port.rest()
        assert not connects(lease.port)
        assert port.prepare(Hold.HANDED) is not None
        port.become(other)
        assert not connects(lease.port)
        handed = port.prepare(Hold.HANDED)
        assert handed is not None
        assert handed.getsockname() == ("127.0.0.1", other.port)
        assert port.prepare(Hold.KEPT) is None
        assert not connects(other.port)
        port.prepare(Hold.HANDED)
        port.close()
        assert not connects(other.port)
        assert port.lock_fds == other.lock_fds


def test_a_service_without_a_port_needs_nothing() -> None:
    port = ServicePort(None)
    assert port.prepare(Hold.HANDED) is None
    port.between()
    port.rest()
    port.close()
    assert port.lock_fds == ()
