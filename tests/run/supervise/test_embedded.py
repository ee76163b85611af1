"""Services of another program, such as a test run, as that sees them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.api import start_service
from homeport.model.errors import BadInput, HomeportError, NotSupported
from homeport.run.supervise.embedded import Embedded, Wanted
from tests.running import processes_with, project
from tests.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

DECLARATION = """
[services.web]
run = "python3 server.py"
env = { SAYS = "good day" }

[services.talker]
run = "yes '' | head -50000; exec python3 server.py"

[services.worker]
run = "echo at work; exec sleep 600"
port = false

[services.broken]
run = "echo no such table; exit 3"
restart = "never"
port = false
"""
FORKED = """
import os, sys, time
from homeport.api import start_service
running = start_service("worker", directory=sys.argv[1], part="forked")
child = os.fork()
if not child:
    time.sleep(60)
    os._exit(0)
began = time.monotonic()
running.stop()
print(time.monotonic() - began < 10)
os.kill(child, 9)
os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    with project(tmp_path_factory.mktemp("embedded"), DECLARATION) as made:
        before = {name: os.environ.get(name) for name in made.env}
        os.environ.update(made.env)
        yield made
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def test_a_service_runs_for_this_program_alone(shop: RunningProject) -> None:
    with start_service("web", directory=str(shop.root), part="one") as web:
        assert (web.address, web.status.state) == ("127.0.0.1", "ready")
        assert web.url == f"http://127.0.0.1:{web.port}"
        assert web.env["WEB_URL"] == web.url
        assert web.public_url == f"http://web.shop-one.localhost:{shop.gateway_port}"
        assert web.lines()[0].startswith("up on")
        with pytest.raises(HomeportError, match="no database"):
            web.reset()
        with pytest.raises(HomeportError, match="run already for one"):
            start_service("web", directory=str(shop.root), part="one")
        with start_service("worker", directory=str(shop.root), part="two") as worker:
            with pytest.raises(NotSupported, match="listens nowhere"):
                assert worker.port
            with pytest.raises(NotSupported, match="no name at the gateway"):
                assert worker.public_url
            assert worker.lines() == ["at work"]
    with pytest.raises(HomeportError, match="the services have ended"):
        assert web.status
    web.stop()


@pytest.mark.slow
def test_one_with_options_has_a_name_that_a_browser_takes(shop: RunningProject) -> None:
    options = ("documents", str(shop.root / "two words"))
    wanted = Wanted(str(shop.root), ("static",), "tests documents=/a b", (options,), ())
    (shop.root / "two words").mkdir()
    with Embedded(wanted) as embedded:
        assert embedded.status is not None
        (service,) = embedded.status.services
        assert service.public_url is not None
        assert re.fullmatch(r"http://[a-z0-9.-]+:\d+", service.public_url)


def test_one_that_says_much_becomes_ready_and_ends(shop: RunningProject) -> None:
    with Embedded(Wanted(str(shop.root), ("talker",), "much", (), ())) as embedded:
        assert embedded.status is not None


def test_one_that_says_much_ends_though_nobody_reads_it(shop: RunningProject) -> None:
    wanted = Wanted(str(shop.root), ("talker",), "unread", (), ())
    embedded = Embedded(wanted)
    process = embedded._process = subprocess.Popen(
        [sys.executable, "-P", "-m", "homeport.run.supervise.embedded"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(wanted._asdict()).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
    finally:
        embedded.stop()
    assert process.returncode != -signal.SIGKILL


def test_one_that_does_not_start_says_why_and_leaves_nothing(shop: RunningProject) -> None:
    with pytest.raises(HomeportError, match="broken ended with status 3") as caught:
        start_service("broken", directory=str(shop.root), part="three")
    assert caught.value.why == "no such table"
    with pytest.raises(BadInput, match="there is no service 'nobody'"):
        Embedded(Wanted(str(shop.root), ("nobody",), "four")).start()
    with pytest.raises(HomeportError):
        Embedded(Wanted("/nowhere", ("web",), "five")).start()
    mark = f"XDG_RUNTIME_DIR={shop.env['XDG_RUNTIME_DIR']}"
    wait_until(lambda: len(processes_with(mark)) <= 1, what="the end of all but the gateway")


@pytest.mark.slow
def test_it_ends_though_a_fork_of_the_program_goes_on(shop: RunningProject) -> None:
    argv = [sys.executable, "-c", FORKED, str(shop.root)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True\n", done.stderr
