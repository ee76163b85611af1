"""`homeport check` of services that Homeport runs: by name, and all of a project."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import project

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.running import RunningProject

pytestmark = pytest.mark.slow

SHOP = """
[services.web]
run = "exec python3 server.py"

[services.api]
run = "exec python3 server.py"
lazy = true

[services.worker]
run = "exec sleep 600"
port = false
"""
CACHE = """
[services.cache]
recipe = "redis"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    with project(tmp_path_factory.mktemp("checked"), SHOP) as made:
        made.up()
        yield made


def checked(shop: RunningProject, *args: str, cwd: Path | None = None) -> dict[str, Any]:
    done = shop.homeport("check", "--json", *args, cwd=cwd)
    assert done.stderr == ""
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_service_is_checked_at_its_leased_port(shop: RunningProject, tmp_path: Path) -> None:
    port = shop.ps()["web"]["port"]
    for name, where in (("web", shop.root), ("shop:web", tmp_path)):
        document = checked(shop, name, cwd=where)
        assert document["target"] == f"http://127.0.0.1:{port}"
        assert document["cause"] is None
    elsewhere = shop.homeport("check", "web", cwd=tmp_path)
    assert elsewhere.returncode == 2


def test_a_project_that_is_up_is_checked_as_it_runs(shop: RunningProject) -> None:
    services = checked(shop)["services"]
    port = shop.ps()["web"]["port"]
    assert [(each["name"], each["check"]["target"]) for each in services] == [
        ("web", f"http://127.0.0.1:{port}")
    ]


def test_a_worker_listens_nowhere(shop: RunningProject) -> None:
    done = shop.homeport("check", "worker")
    assert done.returncode == 2
    assert "worker of shop listens nowhere" in done.stderr
    assert "homeport logs worker" in done.stderr


def test_a_database_is_greeted_with_its_own_password(tmp_path: Path) -> None:
    if not any(map(shutil.which, ("redis-server", "valkey-server"))):
        pytest.skip("needs redis-server: install the Debian package redis-server")
    with project(tmp_path, CACHE) as shop:
        shop.up()
        document = checked(shop, "cache")
        assert document["cause"] is None, document
        assert document["notes"] == []
        assert shop.homeport("env", "cache").stdout  # it has a password, which is not shown
        assert "***" in document["target"] or "@" not in document["target"]
