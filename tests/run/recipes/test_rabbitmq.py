from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil
import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import rabbitmq
from homeport.run.recipes.rabbitmq import RECIPE
from tests.run.recipes.databases import (
    ODD,
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    is_healthy,
    kill,
    make_place,
    refuses,
    tree_of,
    up,
)
from tests.support import has_ended, need

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    need("rabbitmq-server", package="rabbitmq-server")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    place = make_place(tmp_path_factory.mktemp("shop"), "rabbitmq")
    with up(RECIPE, place) as running:
        yield running


def told(running: Running, command: str) -> list[str]:
    return running.shell(f"exec 2>&1; {command}\n").splitlines()


def test_its_url_opens_it(db: Running) -> None:
    assert is_healthy(db.url)
    assert db.url.startswith("amqp://my_shop:")


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


def test_its_own_programs_speak_to_it_and_a_reset_empties_it(db: Running) -> None:
    assert RECIPE.database
    assert RECIPE.database.reset
    told(db, "rabbitmqctl -q add_vhost other")
    assert "other" in told(db, "rabbitmqctl -q list_vhosts")
    assert "other" in told(db, "rabbitmqctl -q list_vhosts")
    for step in RECIPE.database.reset(db.place):
        db.run(step)
    assert "other" not in told(db, "rabbitmqctl -q list_vhosts")
    assert is_healthy(db.url)


def test_no_daemon_is_started_or_left(tmp_path: Path) -> None:
    daemons = _daemons()
    place = make_place(tmp_path, "rabbitmq")
    with up(RECIPE, place) as running:
        assert _daemons() <= daemons
        tree = tree_of(running.server.pid)
    assert running.server.process.returncode == 0
    assert _daemons() <= daemons
    assert all(has_ended(pid) for pid in tree)


def _daemons() -> set[int]:
    """The daemons that stay by themselves; other tests may run one in the foreground."""
    every = psutil.process_iter(["name", "cmdline"])
    return {
        each.pid
        for each in every
        if each.info["name"] == "epmd" and "-daemon" in (each.info["cmdline"] or ())
    }


def test_it_comes_back_after_kill_9_under_another_port(tmp_path: Path) -> None:
    place = make_place(tmp_path, "rabbitmq")
    with up(RECIPE, place) as first:
        told(first, "rabbitmqctl -q add_vhost kept")
        kill(first)
    again = make_place(tmp_path, "rabbitmq")._replace(password=place.password)
    assert again.port != place.port
    with up(RECIPE, again) as second:
        assert is_healthy(second.url)
        assert "kept" in told(second, "rabbitmqctl -q list_vhosts")


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbitmq, "_PLACES", ())
    monkeypatch.setattr(rabbitmq, "programs", lambda *_: ())
    with pytest.raises(NotFound, match="apt install rabbitmq-server"):
        RECIPE.launch(make_place(tmp_path, "rabbitmq"))
    assert os.listdir(tmp_path / ODD) == []
