from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from homeport import api
from homeport.model.errors import NotFound
from tests.schemas import validate
from tests.support import (
    NOBODY,
    Spawned,
    has_ended,
    homeport_command,
    network_namespace,
    run_homeport,
    spawn,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Generator

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "kill-1.json").read_text("utf-8"))

LISTENS = """
import os, signal, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
for word in sys.argv[1:]:
    if word == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if word == "fork" and os.fork() == 0:
        time.sleep(600)
print("port", server.getsockname()[1], flush=True)
time.sleep(600)
"""
CONNECTS = """
import socket, sys, time
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("connected", flush=True)
time.sleep(600)
"""


@contextmanager
def listening(*words: str) -> Generator[tuple[Spawned, str]]:
    with spawn([sys.executable, "-c", LISTENS, *words]) as server:
        yield server, server.wait_for(r"port (\d+)")[1]


def document(*words: str, status: int = 0) -> dict[str, Any]:
    done = run_homeport("kill", "--json", *words)
    assert (done.returncode, done.stderr) == (status, "")
    found: dict[str, Any] = json.loads(done.stdout)
    validate(found, SCHEMA)
    return found


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


@pytest.mark.parametrize(
    "form", ["{port}", "127.0.0.1:{port}", "http://localhost:{port}/", "pid:{pid}"]
)
def test_the_listener_ends_and_its_client_lives(form: str) -> None:
    with (
        listening() as (server, port),
        spawn([sys.executable, "-c", CONNECTS, port], ready="connected") as client,
    ):
        done = run_homeport("kill", form.format(port=port, pid=server.pid), "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert f" {server.pid}: ended\ntcp 127.0.0.1:{port} is free\n" in done.stdout
        assert has_ended(server.pid)
        assert not has_ended(client.pid)


def test_a_dry_run_ends_nothing() -> None:
    with listening() as (server, port):
        done = run_homeport("kill", f"127.0.0.1:{port}", "--dry-run")
        assert done.returncode == 0
        assert f"To close tcp 127.0.0.1:{port}, this ends:" in done.stdout
        assert f" {server.pid} of " in done.stdout
        assert "started by: " in done.stdout
        assert document(f"127.0.0.1:{port}", "--dry-run")["processes"][0]["outcome"] == "planned"
        assert not has_ended(server.pid)


def test_one_that_does_not_listen_to_term_is_killed() -> None:
    with listening("stubborn") as (server, port):
        found = document(f"127.0.0.1:{port}", "--yes", "--timeout", "0.1")
        assert found["free"] is True
        assert [each["outcome"] for each in found["processes"]] == ["killed"]
        assert has_ended(server.pid)


def test_forked_workers_end_as_well() -> None:
    with listening("fork", "fork") as (server, port):
        workers = children(server.pid)
        assert len(workers) == 3 - 1
        found = document(f"127.0.0.1:{port}", "--yes")
        assert found["free"] is True
        assert found["processes"][0]["pid"] == server.pid
        everybody = {each["pid"] for each in found["processes"]}
        assert everybody >= {server.pid, *workers}
        wait_until(lambda: all(map(has_ended, everybody)), what="the end of the workers")


def test_of_several_holders_only_the_one_that_is_named() -> None:
    with listening("fork") as (server, port):
        (worker,) = children(server.pid)
        found = document(f"pid:{worker}", "--yes", status=1)
        assert [each["pid"] for each in found["staying"]] == [server.pid]
        assert found["free"] is False
        assert found["remaining"][0]["pids"] == [server.pid]
        assert not has_ended(server.pid)
        assert f"127.0.0.1:{port}" == "{address}:{port}".format(**found["remaining"][0])


def test_nobody_is_asked_where_nobody_is() -> None:
    with listening() as (server, port):
        for words in ([], ["--json"]):
            done = run_homeport("kill", f"127.0.0.1:{port}", *words)
            assert done.returncode == 2
            assert "--yes" in done.stderr
        assert not has_ended(server.pid)


@pytest.mark.parametrize(
    ("answer", "status", "ended"),
    [("y\n", 0, True), ("yes\n", 0, True), ("n\n", 1, False), ("\n", 1, False), ("\x04", 1, False)],
)
def test_the_person_at_the_terminal_is_asked(answer: str, status: int, ended: bool) -> None:  # noqa: FBT001  (parameters of the test)
    command, _ = homeport_command()
    with listening() as (server, port):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*command, "kill", f"127.0.0.1:{port}"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            os.write(ours, answer.encode())
            output, _ = child.communicate(timeout=30)
        os.close(ours)
        os.close(theirs)
        assert b"End it? [y/N] " in output
        assert child.returncode == status
        assert has_ended(server.pid) is ended


def test_this_command_and_what_it_runs_in_are_never_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = run_homeport("kill", f"127.0.0.1:{port}", "--yes")
        assert done.returncode == 1
        assert "this command runs within it" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("target", ["1", "127.0.0.1:1", "pid:4194303", "udp/1"])
def test_nobody_to_end_is_a_failure(target: str) -> None:
    done = run_homeport("kill", target, "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("homeport: ")


@pytest.mark.root
def test_somebody_elses_is_named_and_left_alone() -> None:
    with listening() as (server, port):
        done = run_homeport("kill", f"127.0.0.1:{port}", "--yes", user=NOBODY)
        assert done.returncode == 1
        assert f"tcp 127.0.0.1:{port} belongs to root" in done.stderr
        assert not has_ended(server.pid)


@pytest.mark.root
def test_a_port_of_another_namespace_is_not_meant() -> None:
    with (
        network_namespace() as lab,
        spawn(lab.command(sys.executable, "-c", LISTENS)) as server,
    ):
        port = server.wait_for(r"port (\d+)")[1]
        done = run_homeport("kill", f"127.0.0.1:{port}", "--yes")
        assert done.returncode == 1
        assert "in this network namespace" in done.stderr
        assert not has_ended(server.pid)
        assert run_homeport("kill", f"pid:{server.pid}", "--yes").returncode == 0
        assert has_ended(server.pid)


RESTARTS = """
import signal, subprocess, sys, time
while True:
    subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]])
"""
ON_PORT = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
time.sleep(600)
"""


def test_one_that_is_started_again_is_told(tmp_path: Any) -> None:
    supervisor = tmp_path / "supervisord.py"
    supervisor.write_text(RESTARTS)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = str(unused.getsockname()[1])
    argv = [sys.executable, str(supervisor), ON_PORT, port]
    with spawn(argv, ready="listening") as supervising:
        found = document(f"127.0.0.1:{port}", "--dry-run")
        assert any("may start it again" in note for note in found["notes"])
        assert children(supervising.pid) == [found["processes"][0]["pid"]]


CLOSES_ON_SIGNAL = """
import signal, socket, time
server = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGUSR1, lambda *_: (server.close(), print("closed", flush=True)))
print("port", server.getsockname()[1], flush=True)
while True:
    time.sleep(600)
"""


def test_one_that_stopped_listening_after_it_was_shown_lives_on() -> None:
    with spawn([sys.executable, "-c", CLOSES_ON_SIGNAL]) as server:
        planned = api.plan_ending(server.wait_for(r"port (\d+)")[1])
        os.kill(server.pid, signal.SIGUSR1)
        server.wait_for("closed")
        with pytest.raises(NotFound, match="does not listen there any more"):
            api.end(planned)
        assert not has_ended(server.pid)
