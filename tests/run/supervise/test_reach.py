from __future__ import annotations

import os
import socket

import pytest

from homeport.host.listening import listeners_of
from homeport.model.endpoint import Endpoint, Transport
from homeport.run.supervise.reach import elsewhere, listeners, reach_notes
from tests.support import spawn


def at(address: str, port: int = 20417) -> Endpoint:
    return Endpoint(Transport.TCP, address, port)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "fe80::1"])
def test_an_address_that_is_not_of_loopback_is_told(address: str) -> None:
    (note,) = reach_notes([at("127.0.0.1", 9229), at(address)])
    assert note.startswith(f"listens on {at(address)}, where other machines can reach it")
    assert "9229" not in note


def test_a_service_that_only_this_machine_reaches_has_no_note() -> None:
    assert reach_notes([]) == ()
    assert reach_notes([at("127.0.0.1"), at("127.8.9.1"), at("::1")]) == ()


def test_one_that_listens_elsewhere_is_told_where() -> None:
    words = elsewhere([at("127.0.0.1", 5000), at("::1", 5000)], 20417)
    assert words is not None
    assert words.startswith("listens on 127.0.0.1:5000, [::1]:5000 instead of port 20417")


def test_one_that_listens_at_its_port_or_nowhere_is_not() -> None:
    assert elsewhere([], 20417) is None
    assert elsewhere([at("127.0.0.1", 5000), at("127.0.0.1")], 20417) is None


def test_many_places_are_not_all_named() -> None:
    words = elsewhere([at("127.0.0.1", port) for port in range(5000, 5090)], 20417)
    assert words is not None
    assert words.count("127.0.0.1") == 3


def test_listeners_are_seen_of_a_program_and_of_what_it_started() -> None:
    code = (
        "import os, socket, time\n"
        "own = socket.create_server(('127.0.0.1', 0)); pid = os.fork()\n"
        "if not pid: own.close(); own = socket.create_server(('0.0.0.0', 0))\n"
        # In one write: the lines of two processes may not run into each other.
        "os.write(1, b'at %d %d\\n' % (pid, own.getsockname()[1])); time.sleep(60)\n"
    )
    with (
        socket.create_server(("127.0.0.1", 0)) as ours,
        spawn(["sh", "-c", 'python3 -c "$0"; true', code]) as shell,
    ):
        parent = shell.wait_for(r"at ([1-9][0-9]*) ([0-9]+)")
        child = shell.wait_for(r"at 0 ([0-9]+)")
        (python,) = (int(pid) for pid in _children(shell.pid))
        found = listeners_of(python)
        assert at("127.0.0.1", int(parent[2])) in found
        assert at("0.0.0.0", int(child[1])) in found
        assert ours.getsockname()[1] not in {each.port for each in found}
    assert listeners(None) == []


def _children(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return file.read().split()


def test_nothing_is_told_of_a_process_that_there_is_not() -> None:
    assert listeners_of(os.getpid(), proc="/nowhere") == []
