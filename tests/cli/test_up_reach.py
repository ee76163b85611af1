"""What is told of services that listen where nobody may have meant them to."""

from __future__ import annotations

import json
import os
import signal
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.schemas import validate
from tests.support import leased_port

if TYPE_CHECKING:
    from pathlib import Path

OPEN = """
[services.web]
run = "python3 -m http.server {port}"

[services.shy]
run = "python3 server.py"
"""
ELSEWHERE = """
[services.web]
run = "python3 -m http.server --bind 127.0.0.1 {port}"
"""


@pytest.mark.slow
def test_a_service_that_other_machines_reach_says_so_and_is_well(tmp_path: Path) -> None:
    # Behind a shell of its own, so that no recipe adds where to listen.
    declaration = OPEN.replace("python3 -m", "eval exec python3 -m").format(port="$PORT")
    with project(tmp_path, declaration) as shop:
        settled = shop.up()
        schema = files("homeport.report").joinpath("schemas", "up-1.json").read_text("utf-8")
        validate(settled, json.loads(schema))
        services = shop.ps()
        (note,) = services["web"]["notes"]
        port = services["web"]["port"]
        assert note.startswith(f"listens on 0.0.0.0:{port}, where other machines can reach it")
        assert services["shy"]["notes"] == []
        shown = shop.homeport("ps")
        assert shown.returncode == 0
        assert f"web listens on 0.0.0.0:{port}" in shown.stdout
        assert f"-- web listens on 0.0.0.0:{port}" in shop.homeport("logs", "web").stdout


@pytest.mark.slow
def test_a_service_that_listens_on_another_port_is_told_apart(tmp_path: Path) -> None:
    port = leased_port()
    declaration = ELSEWHERE.replace("python3 -m", "eval exec python3 -m").format(port=port)
    declaration += 'ready = { check = "tcp", timeout = "5s" }\n'
    with project(tmp_path, declaration) as shop, shop.foreground() as running:
        running.wait_for(rf"web listens on 127.0.0.1:{port} instead of port [0-9]+")
        running.wait_for(rf"not ready after 5 s: .*; it listens on 127.0.0.1:{port}")
        os.kill(running.pid, signal.SIGTERM)
        running.process.wait(20)
