"""Who must not be connected to is not, and is as useful afterwards as before."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport import snapshot
from tests.see.identify.asking import identity_at
from tests.support import leased_port, need, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support import Spawned

LOOPBACK = "127.0.0.1"


def inode_at(port: int) -> int | None:
    """The listening socket on a port: a listener that was opened again would have another."""
    found = [each for each in snapshot(connections=False).listeners if each.endpoint.port == port]
    return found[0].inode if found else None


def assert_left_alone(port: int, protocol: str) -> None:
    """That it is told by its command line, twice, and that its socket still waits."""
    before = inode_at(port)
    found = identity_at(port)
    assert identity_at(port) == found
    assert found is not None
    assert (found.protocol, found.certainty) == (protocol, "likely")
    assert found.evidence[1].startswith("not connected to: ")
    assert inode_at(port) == before


def ends_with_a_connection(port: int, server: Spawned) -> None:
    """The proof of the proof: one connection that says nothing is enough to use it up."""
    with socket.create_connection((LOOPBACK, port)):
        pass
    wait_until(lambda: server.process.poll() is not None, what="the end of a one-shot server")


SINGLE_CLIENT = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1) as server:
    server.accept()
"""


def test_a_program_of_ones_own_that_waits_for_a_single_client_still_waits() -> None:
    # What RemotePdb and its like do, from within any program: no command line tells of them.
    port = leased_port()
    with spawn([sys.executable, "-c", SINGLE_CLIENT, str(port)], ready=port) as server:
        before = inode_at(port)
        assert identity_at(port) is None
        assert inode_at(port) == before
        ends_with_a_connection(port, server)


@pytest.mark.parametrize(
    ("program", "package", "arguments"),
    [
        ("nc.openbsd", "netcat-openbsd", ["-l", LOOPBACK, "PORT"]),
        ("ncat", "ncat", ["-l", LOOPBACK, "PORT"]),
        ("socat", "socat", ["-u", f"TCP-LISTEN:PORT,bind={LOOPBACK}", "STDOUT"]),
    ],
)
def test_a_listener_for_one_connection_still_waits(
    program: str, package: str, arguments: Sequence[str]
) -> None:
    port = leased_port()
    words = [word.replace("PORT", str(port)) for word in arguments]
    with spawn([need(program, package=package), *words], ready=port) as server:
        assert_left_alone(port, "netcat")
        assert server.output == ""
        ends_with_a_connection(port, server)


def test_what_is_kept_open_hears_nothing_in_its_output() -> None:
    port = leased_port()
    nc = need("nc.openbsd", package="netcat-openbsd")
    with spawn([nc, "-lk", LOOPBACK, str(port)], ready=port) as server:
        assert_left_alone(port, "netcat")
        assert server.output == ""


def test_socat_that_passes_on_is_what_it_passes_on_to(tmp_path: Path) -> None:
    socat = need("socat", package="socat")
    port, behind = leased_port(), leased_port()
    server = [sys.executable, "-m", "http.server", str(behind), "-b", LOOPBACK, "-d", str(tmp_path)]
    forward = [socat, f"TCP-LISTEN:{port},bind={LOOPBACK},fork", f"TCP:{LOOPBACK}:{behind}"]
    with spawn(server, ready=behind), spawn(forward, ready=port):
        found = identity_at(port)
    assert found is not None
    assert (found.protocol, found.certainty) == ("http", "sure")


def test_a_java_machine_still_waits_for_its_debugger() -> None:
    java, port = need("java", package="default-jre-headless"), leased_port()
    agent = f"transport=dt_socket,server=y,suspend=y,address={LOOPBACK}:{port}"
    with spawn([java, f"-agentlib:jdwp={agent}", "-version"], ready=port) as server:
        assert_left_alone(port, "jdwp")
        with socket.create_connection((LOOPBACK, port)) as debugger:
            debugger.settimeout(10)
            debugger.sendall(b"JDWP-Handshake")
            assert debugger.recv(14, socket.MSG_WAITALL) == b"JDWP-Handshake"
            wait_until(lambda: inode_at(port) is None, what="nobody else to be let in")
        assert "handshake failed" not in server.output


@pytest.mark.slow
def test_what_ssh_forwards_is_not_asked_but_its_proxy_is(tmp_path: Path) -> None:
    sshd, ssh = need("sshd", package="openssh-server"), need("ssh", package="openssh-client")
    port, local, remote, proxy = (leased_port() for _ in range(4))
    target = f"{LOOPBACK}:{leased_port()}"  # nobody: ssh would complain about every connection
    forwards = ["-L", f"{local}:{target}", "-R", f"{remote}:{target}", "-D", str(proxy)]
    options = [word for each in QUIET for word in ("-o", each)]
    client = [ssh, "-v", "-F", "none", "-N", *options, "-i", str(tmp_path / "user"), *forwards]
    with (
        spawn([sshd, "-D", "-e", "-f", str(configured(tmp_path, port))], ready=port),
        spawn([*client, "-p", str(port), LOOPBACK], ready="remote forward success") as session,
    ):
        assert_left_alone(local, "ssh-forwarding")
        assert_left_alone(remote, "ssh-forwarding")
        assert "connect_to" not in session.output
        assert "Connection to port" not in session.output
        found = identity_at(proxy)
    assert found is not None
    assert (found.protocol, found.certainty) == ("socks5", "sure")


QUIET = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes")


def configured(place: Path, port: int) -> Path:
    """The configuration of an sshd that lets in whoever runs the test, by a key."""
    keygen = need("ssh-keygen", package="openssh-client")
    for name in ("host", "user"):
        argv = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
        subprocess.run(argv, check=True)
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    file = place / "sshd_config"
    file.write_text(
        f"HostKey {place}/host\nPort {port}\nListenAddress {LOOPBACK}\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {place}/user.pub\nStrictModes no\n"
    )
    return file


def test_gdbserver_still_waits_for_its_debugger() -> None:
    gdbserver, port = need("gdbserver", package="gdbserver"), leased_port()
    argv = [gdbserver, "--once", f"{LOOPBACK}:{port}", "/bin/sleep", "1000"]
    with spawn(argv, ready="Listening on port") as server:
        assert_left_alone(port, "gdbserver")
        assert "Remote debugging from" not in server.output
        with socket.create_connection((LOOPBACK, port)) as debugger:
            debugger.settimeout(10)
            debugger.sendall(b"$?#3f")
            assert debugger.recv(1) == b"+"
            assert debugger.recv(4).startswith(b"$T")
            debugger.sendall(b"+$k#6b")
        wait_until(lambda: server.process.poll() is not None, what="the end of gdbserver")


def test_delve_still_waits_for_its_editor() -> None:
    dlv, port = need("dlv", package="delve"), leased_port()
    with spawn([dlv, "dap", f"--listen={LOOPBACK}:{port}"], ready=port) as server:
        assert_left_alone(port, "delve")
        ends_with_a_connection(port, server)


@pytest.mark.slow
def test_tigervnc_does_not_count_us_among_those_who_fail_to_log_in() -> None:
    xvnc, port = need("Xtigervnc", package="tigervnc-standalone-server"), leased_port()
    argv = [xvnc, f":{leased_port() - 6000}", "-rfbport", str(port), "-localhost"]
    argv += ["-SecurityTypes", "None", "-listen", "tcp", "-nolisten", "unix"]
    argv += ["-nolisten", "local", "-BlacklistThreshold", "1"]
    with spawn(argv, ready=port) as server:
        assert_left_alone(port, "vnc")
        assert "Connections" not in server.output
        greetings = [first_bytes(port, wait_s=wait_s) for wait_s in (0.5, 0.5, 10)]
    assert b"Too many security failures" not in greetings[0]
    assert b"Too many security failures" in greetings[-1]


def first_bytes(port: int, *, wait_s: float) -> bytes:
    """The greeting, and what comes after it in that time."""
    with socket.create_connection((LOOPBACK, port)) as client:
        client.settimeout(10)
        data = client.recv(12, socket.MSG_WAITALL)
        client.settimeout(wait_s)
        try:
            return data + client.recv(100)
        except TimeoutError:
            return data


@pytest.mark.slow
def test_a_program_that_waits_for_a_python_debugger_goes_on_with_the_right_one(
    tmp_path: Path,
) -> None:
    port = leased_port()
    program = tmp_path / "program.py"
    program.write_text("print('it runs')\n")
    argv = [sys.executable, "-X", "frozen_modules=off", "-m", "debugpy", "--wait-for-client"]
    with spawn([*argv, "--listen", f"{LOOPBACK}:{port}", str(program)], ready=None) as server:
        wait_until(lambda: inode_at(port), what="the adapter")
        assert_left_alone(port, "dap")
        assert "it runs" not in server.output
        attach(port)
        server.wait_for("it runs")


def attach(port: int) -> None:
    """As an editor does it, and lets the program go."""
    with socket.create_connection((LOOPBACK, port)) as editor:
        editor.settimeout(20)
        say(editor, 1, "initialize", {"adapterID": "test"})
        say(editor, 2, "attach", {"connect": {"host": LOOPBACK, "port": port}})
        heard = b""
        while b'"initialized"' not in heard:
            heard += editor.recv(65536)
        say(editor, 3, "configurationDone", {})
        while b'"configurationDone"' not in heard:
            heard += editor.recv(65536)


def say(editor: socket.socket, number: int, command: str, arguments: object) -> None:
    request = {"seq": number, "type": "request", "command": command, "arguments": arguments}
    body = json.dumps(request).encode()
    editor.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
