"""Services that fail in every way that there is, side by side; each says why."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import processes_of, project
from tests.support import leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

DECLARATION = """
[services.stranger]
run = "exec sleep 600"
user = "nobody-of-that-name"
port = false

[services.remover]
run = "rm -r gone"
port = false

[services.nowhere]
run = "exec sleep 600"
directory = "gone"
needs = ["remover"]
port = false

[services.unknown]
run = "exec no-such-program"
port = false
restart = "never"

[services.killed]
run = "kill -9 $$"
port = false
restart = "never"

[services.signalled]
run = "kill -USR1 $$"
port = false
restart = "never"

[services.forgetful]
run = "echo cannot remember; exit 4"
port = false

[services.unready]
run = "exec sleep 600"
ready = { check = "cmd:echo not yet >&2; false", timeout = "1s" }
port = false

[services.silent]
run = "exec sleep 600"
ready = { check = "log:begun", timeout = "1s" }
port = false

[services.needy]
run = "exec sleep 600"
needs = ["killed"]
port = false

[services.task]
run = "true"
port = false

[services.after]
run = "exec sleep 600"
needs = ["task"]
port = false

[services.well]
run = "echo has begun; exec sleep 600"
ready = { check = "log:beg.n" }
port = false
"""
REASONS = {
    "stranger": "cannot be started: there is no user 'nobody-of-that-name'",
    "nowhere": "its directory cannot be used: No such file or directory",
    "unknown": "ended with status 127: the shell has not found its command",
    "killed": "was ended by SIGKILL",
    "signalled": "was ended by SIGUSR1",
    "forgetful": "ended with status 4",
    "unready": "not ready after 1 s: 'echo not yet >&2; false' fails: not yet",
    "silent": "not ready after 1 s: no line matches 'begun'",
    "needy": "needs killed, which failed",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    place = tmp_path_factory.mktemp("failures")
    with project(place, DECLARATION, files={"gone/x": ""}) as made:
        assert made.homeport("up", "-d").returncode == 1
        yield made


@pytest.mark.slow
def test_each_says_why_and_none_keeps_another_one(shop: RunningProject) -> None:
    services = shop.ps()
    states = {name: each["state"] for name, each in services.items() if name not in REASONS}
    assert states == {"task": "done", "remover": "done", "after": "ready", "well": "ready"}
    for name, reason in REASONS.items():
        assert services[name]["state"] == "failed", name
        assert services[name]["reason"].startswith(reason), services[name]["reason"]
    assert services["forgetful"]["restarts"] == 5
    assert services["forgetful"]["last_lines"][-1] == "cannot remember"
    assert shop.complaints() == ""


@pytest.mark.slow
def test_a_service_whose_watcher_was_killed_is_started_again(shop: RunningProject) -> None:
    pid = shop.ps()["well"]["pid"]
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
    wait_until(lambda: shop.ps()["well"]["restarts"] == 1 and shop.ps_of("well") == "ready")
    assert shop.ps()["well"]["pid"] != pid
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


@pytest.mark.slow
def test_files_that_are_not_watched_any_more_are_missed(tmp_path: Path) -> None:
    declaration = (
        '[services.web]\nrun = "exec sleep 600"\nport = false\nwatch = ["*.py", "src/**"]\n'
    )
    with project(tmp_path, declaration) as shop:
        shop.up()
        first = _watchers(shop)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: "files are not watched" in shop.homeport("logs").stdout)
        shop.up()
        wait_until(lambda: _watchers(shop) and not set(_watchers(shop)) & set(first))
        # Another set of files has another watcher; that of before is not missed.
        said = shop.homeport("logs").stdout.count("files are not watched")
        shop.write("homeport.toml", declaration.replace("src/**", "lib/**"))
        shop.up()
        shop.write("homeport.toml", re.sub("watch.*", "", declaration))
        shop.up()
        wait_until(lambda: not _watchers(shop))
        assert shop.homeport("logs").stdout.count("files are not watched") == said


def _watchers(shop: RunningProject) -> list[int]:
    return [pid for pid in processes_of(shop) if b"host.watching" in _command_line(pid)]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.slow
def test_without_a_gateway_services_run_and_it_is_said_once(tmp_path: Path) -> None:
    declaration = '[services.web]\nrun = "python3 server.py"\n'
    with (
        socket.create_server(("127.0.0.1", leased_port())) as taken,
        project(tmp_path, declaration) as shop,
    ):
        shop.env["HOMEPORT_PORT"] = str(taken.getsockname()[1])
        found = shop.up()["project"]
        assert [each["state"] for each in found["services"]] == ["ready"]
        assert len(found["notes"]) == 1
        assert "the gateway could not be started" in found["notes"][0]
        assert found["services"][0]["public_url"] is None
        assert shop.homeport("open").returncode == 2
