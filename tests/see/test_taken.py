"""Who has a port: the sentence, from real listeners."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from homeport import snapshot
from homeport.model.endpoint import Endpoint, Transport
from homeport.see.taken import who_has
from tests.support import (
    NOBODY,
    _python_for_all,
    _readable_library,
    as_user,
    leased_port,
    spawn,
)


def test_the_listener_on_the_very_address_is_the_one_that_is_named() -> None:
    port = leased_port()
    with (
        socket.create_server(("127.0.0.2", port)),
        socket.create_server(("127.0.0.1", port)),
    ):
        taken = snapshot(connections=False, unix=False)
        told = who_has(Endpoint(Transport.TCP, "127.0.0.1", port), taken) or ""
        assert f" {os.getpid()} of the project " in told
        assert told.endswith(f" listens on 127.0.0.1:{port}")
        elsewhere = who_has(Endpoint(Transport.TCP, "::1", port), taken) or ""
        assert f"listens on 127.0.0.2:{port}" in elsewhere or f"127.0.0.1:{port}" in elsewhere
        assert who_has(Endpoint(Transport.UDP, "127.0.0.1", port), taken) is None


def test_a_datagram_socket_does_not_listen() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", leased_port()))
        end = Endpoint(Transport.UDP, *made.getsockname())
        told = who_has(end, snapshot(connections=False, unix=False)) or ""
        assert told.endswith(f" has bound {end}")


@pytest.mark.root
def test_a_process_that_is_hidden_is_named_by_its_user() -> None:
    code = (
        "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "print('listening', flush=True); time.sleep(600)"
    )
    port = leased_port()
    with spawn([sys.executable, "-c", code, str(port)], ready="listening"):
        looking = (
            "from homeport import Endpoint, Transport, snapshot\n"
            "from homeport.see.taken import who_has\n"
            "taken = snapshot(connections=False, unix=False)\n"
            f"print(who_has(Endpoint(Transport.TCP, '127.0.0.1', {port}), taken))"
        )
        python, library = _python_for_all(NOBODY), _readable_library()
        done = as_user(NOBODY, ["env", f"PYTHONPATH={library}", python, "-c", looking])
    assert done.stdout == f"a process of root listens on 127.0.0.1:{port}\n", done.stderr
