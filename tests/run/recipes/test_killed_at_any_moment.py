from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from homeport.run.recipes import catalog
from tests.run.recipes.databases import cut_short, find_first, is_healthy, make_place, up
from tests.servers.mongodb import mongod
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

SERVERS = {"postgresql": "postgres", "mariadb": "mariadbd", "redis": "redis-server"}
UNPACKED = {"mysql": "mysqld", "valkey": "valkey-server"}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "times", "within_s"),
    [
        ("postgresql", 20, 1.2),
        ("mariadb", 8, 1.5),
        ("mysql", 6, 6.0),
        ("redis", 20, 0.1),
        ("valkey", 20, 0.1),
        ("mongodb", 6, 2.5),
        ("nats", 6, 0.2),
    ],
)
def test_a_database_comes_up_whenever_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, times: int, within_s: float
) -> None:
    if name == "mongodb":
        mongod()
    elif name in SERVERS:
        need(SERVERS[name], package=f"{name}-server")
    elif name in UNPACKED:
        find_first(monkeypatch, UNPACKED[name])
    recipe, place = catalog()[name], make_place(tmp_path, name)
    moments = random.Random(name)
    for _ in range(times):
        cut_short(recipe, place, moments.uniform(0, within_s))
    with up(recipe, place) as running:
        assert is_healthy(running.url)
    assert running.server.process.returncode == 0
