"""The control socket of a supervisor, and clients that do not behave."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import HomeportError, NotFound
from homeport.run.supervise import following
from homeport.run.supervise.attaching import Attached
from homeport.run.supervise.client import (
    SILENCE_MS,
    Client,
    client_for,
    connect,
    running,
    told_by_all,
)
from homeport.wire.supervision import Request, request_json
from tests.running import project
from tests.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeport.model.status import ProjectStatus, ServiceStatus
    from tests.running import RunningProject

DECLARATION = """
[services.quiet]
run = "exec cat"
port = false

[services.loud]
run = "while :; do head -c 100000 /dev/zero | tr '\\\\0' x; echo; sleep 0.01; done"
port = false
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    with project(tmp_path_factory.mktemp("serving"), DECLARATION) as made:
        made.up()
        yield made


@pytest.fixture
def path(shop: RunningProject, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in shop.env.items():
        monkeypatch.setenv(name, value)
    (found,) = (shop.root.parent / "run" / "homeport" / "up").glob("*/control")
    return str(found)


def connected(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(20)
    made.connect(path)
    return made


def asked(path: str, *requests: object) -> list[dict[str, object]]:
    """The answers, one line each."""
    with connected(path) as client:
        client.sendall(b"".join(json.dumps(each).encode() + b"\n" for each in requests))
        with client.makefile("rb") as answers:
            return [json.loads(answers.readline()) for _ in requests]


def test_only_its_user_may_come(path: str) -> None:
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b"\xff\n", b"{\n", b"x" * (1 << 21), b"\n" * 3000],
    ids=lambda sent: repr(sent[:10]),
)
def test_what_is_no_conversation_ends_it_and_harms_nobody(path: str, sent: bytes) -> None:
    with connected(path) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    with _client(path) as still:
        assert {each.name for each in still.status().services} == {"quiet", "loud"}


def _client(path: str) -> Client:
    client = connect(path)
    assert client is not None
    return client


def test_what_cannot_be_asked_is_refused_and_the_rest_is_answered(path: str) -> None:
    status = request_json(Request("status"))
    answers = asked(path, {**status, "action": "explode"}, {"version": 9}, {}, status)
    assert [next(iter(answer)) for answer in answers] == ["refused", "refused", "refused", "status"]


@pytest.mark.parametrize("action", ["start", "stop", "restart", "follow", "facts", "environment"])
def test_a_service_that_there_is_not_is_refused(path: str, action: str) -> None:
    (answer,) = asked(path, request_json(Request(action, ("nobody",))))
    refused = answer["refused"]
    assert isinstance(refused, dict)
    assert refused["kind"] == "BadInput"
    assert "quiet" in str(refused["next_step"])


def test_too_much_at_once_is_refused(path: str) -> None:
    attach = request_json(Request("attach", ("quiet",)))
    with _client(path) as client:
        for _ in range(80):
            client.channel.send(attach)
        with pytest.raises(HomeportError, match=r"attached to quiet already|too much"):
            for _ in client.messages(5000):
                pass


@pytest.mark.slow
def test_a_client_that_does_not_read_is_let_go(shop: RunningProject, path: str) -> None:
    with connected(path) as lazy:
        follow = request_json(Request("follow", ("loud",), tail=10))
        lazy.sendall(json.dumps(follow).encode() + b"\n")
        supervisor = shop.supervisor()
        wait_until(lambda: _clients_of(supervisor) == 0, seconds=40, what="the lazy one to go")
        status = Path(f"/proc/{supervisor}/status").read_text(encoding="ascii")
        kilobytes = next(line for line in status.splitlines() if "VmRSS" in line).split()[1]
        assert int(kilobytes) < 100_000
    assert shop.ps_of("loud") == "ready"


def _clients_of(supervisor: int) -> int:
    """How many clients it has, beside its listener (proc_net(5), unix)."""
    lines = Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()
    inodes = {line.split()[6] for line in lines if line.endswith("/control")}
    links = Path(f"/proc/{supervisor}/fd").iterdir()
    ours = {os.readlink(link).removeprefix("socket:[").rstrip("]") for link in links}
    return len(inodes & ours) - 1


def test_a_terminal_is_typed_into_and_nothing_else_is(path: str) -> None:
    with Attached(_client(path), "quiet", 24, 80) as attached:
        odd: tuple[object, ...] = (7, "?", "x" * 70_000)
        for each in odd:
            attached._client.channel.send({"input": each})
        attached.type(b"hello\r")
        seen = b""

        def shown() -> bool:
            nonlocal seen
            seen += attached.read()
            return seen.count(b"hello") == 2

        wait_until(shown, what="the echo and what cat says")
        attached.resize(30, 90)
        assert attached.ended is None
    with _client(path) as client:
        client.answer(Request("stop", ("quiet",)), "status", 20_000)
        stopped = _client(path)
        with pytest.raises(NotFound, match="does not run"):
            Attached(stopped, "quiet", 24, 80)
        client.answer(Request("start", ("quiet",)), "status", 20_000)


def test_changes_of_other_services_are_not_followed(path: str) -> None:
    with _client(path) as follower, _client(path) as client:
        follower.send(Request("follow", ("quiet",)))
        client.answer(Request("restart", ("loud",)), "status", 20_000)
        client.answer(Request("restart", ("quiet",)), "status", 20_000)
        names = set()
        for told in following.followed(follower):
            names.add(getattr(told, "name", None) or getattr(told, "service", None))
            if getattr(told, "state", None) == "ready":
                break
        assert names == {"quiet"}


def test_those_that_run_are_found_from_within_their_directories(
    shop: RunningProject, path: str, tmp_path: Path
) -> None:
    within = shop.root / "a"
    within.mkdir()
    with client_for(str(within)) as client:
        assert client.status().root == str(shop.root)
    assert [found for found, _ in running()] == [path]
    assert [status.name for status in told_by_all()] == ["shop"]
    with pytest.raises(NotFound, match="no services run for"):
        client_for(str(tmp_path))
    assert connect(f"{path}-not") is None


@pytest.mark.slow
def test_whoever_waits_hears_that_somebody_is_at_it(
    shop: RunningProject, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until(lambda: shop.ps_of("quiet") == "ready")
    with _client(path) as client:
        client.send(Request("attach", ("quiet",)))
        # Longer than a beat: each wait is for less than silence may last.
        assert any("alive" in message for message in client.messages(SILENCE_MS))
    monkeypatch.setattr(following, "SILENCE_MS", 200)
    supervisor = shop.supervisor()
    with _client(path) as client:
        os.kill(supervisor, signal.SIGSTOP)
        try:
            with pytest.raises(HomeportError, match="has not answered for 200 ms"):
                following.carried_out(client, Request("start"), Nobody())
        finally:
            os.kill(supervisor, signal.SIGCONT)


class Nobody:
    """An audience that hears nothing."""

    def line(self, service: str, text: str) -> None:
        """Nothing."""

    def change(self, status: ServiceStatus) -> None:
        """Nothing."""

    def settled(self, status: ProjectStatus) -> None:
        """Nothing."""

    def waiting(self, what: str) -> None:
        """Nothing."""
