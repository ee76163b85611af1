"""A file is edited: what reloads itself does so under the lease's hold, on the same port."""

from __future__ import annotations

import itertools
import json
import os
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.test_node import SERVER
from tests.run.recipes.test_python_web import ROWS
from tests.run.recipes.web import declared, found_service, project, running
from tests.support import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Service
    from tests.run.recipes.web import Running

pytestmark = [pytest.mark.usefixtures("own_programs"), pytest.mark.slow]

EDITED = {
    "flask": "app.py",
    "django": "shop/urls.py",
    "fastapi": "shop/main.py",
    "fastapi dev": "main.py",
    "uvicorn": "src/shop/asgi.py",
    "gunicorn": "wsgi.py",
    "hypercorn": "asgi.py",
    "node": "server.js",
    "static": "index.html",
    "php": "index.php",
}


def _service(name: str, directory: Path) -> Service:
    if name in ROWS:
        return ROWS[name].service(directory)
    files = {
        "node": {"server.js": SERVER % "process.env.PORT", "package.json": json.dumps({})},
        "static": {"index.html": "hello from files"},
        "php": {"index.php": "<?php echo 'hello from php';"},
    }
    return found_service(project(directory, files[name]))


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_is_seen(name: str, tmp_path: Path) -> None:
    with running(_service(name, tmp_path)) as started:
        assert "hello" in started.get().text
        edited = tmp_path / EDITED[name]
        edited.write_text(edited.read_text().replace("hello", "goodbye"))
        edits = _Edits(edited)
        wait_until(lambda: edits.seen_by(started), seconds=30, what="the new text")
        assert {each.endpoint.address for each in started.listeners()} == {"127.0.0.1"}


class _Edits:
    """Saves a file again every few seconds: who watches may have begun after the first time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = time.monotonic()
        self._times = itertools.count(1)

    def seen_by(self, started: Running) -> bool:
        """Whether the server has seen it; saves it if it is time."""
        if time.monotonic() >= self._next:
            self._next += 6
            # Some compare whole seconds.
            later = time.time() + 2 * next(self._times)
            os.utime(self._path, (later, later))
        return "goodbye" in _text(started)


def _text(started: Running) -> str:
    try:
        return started.get().text
    except (OSError, HTTPException):
        return ""


def test_without_reload_it_stays_as_it_was_started(tmp_path: Path) -> None:
    project(tmp_path, ROWS["uvicorn"].files)
    service = declared(
        tmp_path, "uvicorn", app="shop.asgi:application", app_dir="src", reload="false"
    )
    with running(service) as started:
        edited = tmp_path / EDITED["uvicorn"]
        edited.write_text(edited.read_text().replace("hello", "goodbye"))
        assert "--reload" not in started.launch.argv
        assert "hello" in started.get().text
