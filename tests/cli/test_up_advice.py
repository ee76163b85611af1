"""What `check` says of a service that is not well, as `up`, `ps` and the gateway show it."""

from __future__ import annotations

import json
import os
import signal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import project
from tests.schemas import validate
from tests.support import leased_port, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import RunningProject

pytestmark = pytest.mark.slow

REFUSED = """
[services.web]
run = "echo 'connect ECONNREFUSED 127.0.0.1:{port}'; exit 3"
restart = "never"
"""
UNHEALTHY = """
[services.web]
run = "exec python3 server.py"
health = { check = "http:/", interval = "500ms", timeout = "2s", failures = 2 }
"""


DEAF = """
[services.web]
run = "PORT={port} exec python3 server.py"
ready = {{ check = "tcp", timeout = "2s" }}
"""


def service(shop: RunningProject, name: str = "web") -> dict[str, Any]:
    text = files("homeport.report").joinpath("schemas", "ps-1.json").read_text("utf-8")
    found = json.loads(shop.homeport("ps", "--json").stdout)
    validate(found, json.loads(text))
    services: dict[str, dict[str, Any]] = {
        each["name"]: each for each in found["projects"][0]["services"]
    }
    return services[name]


def test_a_service_that_died_of_a_port_hears_about_that_port(tmp_path: Path) -> None:
    port = leased_port()
    with project(tmp_path, REFUSED.format(port=port)) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        assert "ended with status 3" in done.stdout
        assert f"check says: 127.0.0.1:{port}: nothing listens there" in done.stdout
        assert f"127.0.0.1:{port}: nothing listens there" in service(shop)["advice"]
        page = shop.get("web.shop", headers=["Accept: text/plain"])
        assert f"check says: 127.0.0.1:{port}: nothing listens there" in page


def test_one_that_died_without_naming_a_port_gets_no_advice(tmp_path: Path) -> None:
    declaration = "[services.web]\nrun = \"echo KeyError: 'x'; exit 1\"\nrestart = 'never'\n"
    with project(tmp_path, declaration) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        assert "check says" not in done.stdout
        assert service(shop)["advice"] is None


def test_an_unhealthy_service_hears_what_is_wrong_until_it_is_well_again(tmp_path: Path) -> None:
    with project(tmp_path, UNHEALTHY) as shop:
        shop.up()
        pid = service(shop)["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: service(shop)["advice"] is not None, seconds=40)
            told = service(shop)
            assert told["state"] == "unhealthy"
            assert f"kill -CONT {pid}" in told["advice"]
            assert "check says:" in shop.homeport("ps").stdout
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: service(shop)["state"] == "ready", seconds=20)
        assert service(shop)["advice"] is None


def test_one_that_does_not_get_ready_hears_why_before_it_is_ended(tmp_path: Path) -> None:
    port = leased_port()
    with project(tmp_path, DEAF.format(port=port)) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        told = service(shop)
        assert told["state"] == "failed"
        assert "not ready after 2 s" in told["reason"]
        assert f"web of shop listens on port {port}, and not on its own" in told["advice"]


def test_in_the_foreground_it_is_told_before_the_end(tmp_path: Path) -> None:
    port = leased_port()
    late = f"sleep 1; echo 'connect ECONNREFUSED 127.0.0.1:{port}'; exit 3"
    declaration = f'[services.web]\nrun = "{late}"\nready = "nothing"\nrestart = "never"\n'
    with project(tmp_path, declaration) as shop, shop.foreground() as running:
        assert running.process.wait(60) == 1
        assert f"check says: 127.0.0.1:{port}: nothing listens there" in running.output
