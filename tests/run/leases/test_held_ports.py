"""What those who look at ports are told of leases; without any it costs nothing."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import homeport
from homeport import LeaseFacts
from homeport.host.locks import lease_files
from homeport.model.endpoint import Transport
from homeport.model.lease import LeaseKey
from homeport.run.leases import held_ports

if TYPE_CHECKING:
    import pytest


def test_held_ports_are_told_and_nothing_is_tidied_up() -> None:
    released = homeport.lease()
    released.release()
    with homeport.lease("web", project="/") as named, homeport.lease(transport="udp") as udp:
        asked = {(Transport.TCP, each.port) for each in (named, udp, released)}
        asked |= {(Transport.UDP, udp.port), (Transport.TCP, 1)}
        pid, key = os.getpid(), LeaseKey("/", "web")
        assert held_ports(asked) == {
            (Transport.TCP, named.port): LeaseFacts(Transport.TCP, named.port, key, pid),
            (Transport.UDP, udp.port): LeaseFacts(Transport.UDP, udp.port, None, pid),
        }
        assert f"tcp-{released.port}" in lease_files()


def test_a_listener_tells_whose_lease_its_port_has() -> None:
    with homeport.lease("web", project="/") as lease:
        with socket.create_server(("127.0.0.1", lease.port)) as server:
            taken = homeport.snapshot(connections=False, unix=False)
            bare = homeport.snapshot(connections=False, unix=False, facts=False)
            port = server.getsockname()[1]
        found = [each for each in taken.listeners if each.endpoint.port == port]
        assert [each.held.words for each in found if each.held is not None] == ["web of /"]
        assert all(each.held is None for each in bare.listeners)


def test_without_leases_nothing_is_made_and_it_takes_no_time(
    tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from homeport.api.home import with_leases

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    taken = homeport.snapshot(connections=False, unix=False, facts=False)
    took_ns = []
    for _ in range(5):
        began_ns = time.perf_counter_ns()
        assert with_leases(taken) is taken
        took_ns.append(time.perf_counter_ns() - began_ns)
    assert min(took_ns) < 1_000_000
    assert os.listdir(tmp_path) == []
