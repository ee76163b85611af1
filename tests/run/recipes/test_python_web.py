"""The servers for Python, in projects that ask for every address of the machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from homeport.model.service import Hold
from tests.run.recipes.web import declared, found_service, project, running

if TYPE_CHECKING:
    from homeport.model.service import Service

FLASK = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def home():
    return "hello from flask"
if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000)
app.run(host="0.0.0.0", port=8000)
"""
FLASK_FACTORY = """
import flask
def create_app():
    app = flask.Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "hello from flask")
    return app
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.management import execute_from_command_line
from django.core.management.commands.runserver import Command
Command.default_addr = "0.0.0.0"
Command.default_port = "8000"
execute_from_command_line(sys.argv)
"""
SETTINGS = """
DEBUG = True
SECRET_KEY = "only for a test"
ROOT_URLCONF = "shop.urls"
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse("hello from django"))]
"""
FASTAPI = """
from fastapi import FastAPI
app: FastAPI = FastAPI()
@app.get("/")
def home():
    return "hello from fastapi"
"""
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def home(request):
    return PlainTextResponse("hello from starlette")
application = Starlette(routes=[Route("/", home)])
"""
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from wsgi"]
"""
UV_PROJECT = """
[project]
name = "shop"
version = "1"
[tool.uv]
package = false
"""
ANYWHERE = 'bind = ["0.0.0.0:8000", "[::]:8001"]\n'

pytestmark = pytest.mark.usefixtures("own_programs")


class Row(NamedTuple):
    """A project, what is to run in it, and what its page says.

    With `options` the service is declared; without, it is found.
    """

    recipe: str
    files: Mapping[str, str]
    says: str
    options: Mapping[str, str] | None = None

    def service(self, directory: Path) -> Service:
        """The service in a directory that has the files."""
        project(directory, self.files)
        if self.options is not None:
            return declared(directory, self.recipe, **self.options)
        service = found_service(directory)
        assert service.recipe == self.recipe
        return service


ROWS = {
    "flask": Row(
        "flask",
        {"app.py": FLASK, ".flaskenv": "FLASK_RUN_HOST=0.0.0.0\nFLASK_RUN_PORT=8000\n"},
        "hello from flask",
    ),
    "flask factory": Row("flask", {"src/shop/__init__.py": FLASK_FACTORY}, "hello from flask"),
    "flask without reload": Row(
        "flask", {"app.py": FLASK}, "hello from flask", {"reload": "false"}
    ),
    "django": Row(
        "django",
        {"manage.py": MANAGE, "shop/settings.py": SETTINGS, "shop/urls.py": URLS},
        "hello from django",
    ),
    "fastapi": Row("fastapi", {"shop/main.py": FASTAPI}, "hello from fastapi"),
    "fastapi dev": Row("fastapi", {"main.py": FASTAPI}, "hello from fastapi", {}),
    "uvicorn": Row("uvicorn", {"src/shop/asgi.py": STARLETTE}, "hello from starlette"),
    "gunicorn": Row(
        "gunicorn",
        {"wsgi.py": WSGI, "gunicorn.conf.py": ANYWHERE},
        "hello from wsgi",
        {"app": "wsgi", "workers": "2"},
    ),
    "hypercorn": Row(
        "hypercorn",
        {"asgi.py": STARLETTE, "hypercorn.toml": ANYWHERE},
        "hello from starlette",
        {"app": "asgi:application"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_it_serves_its_page_under_a_hold_and_on_loopback_only(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    with running(row.service(tmp_path)) as service:
        answer = service.get()
        assert (answer.status, row.says in answer.text) == (200, True), answer.text
        listening = {(each.endpoint.address, each.endpoint.port) for each in service.listeners()}
        assert listening == {("127.0.0.1", service.place.port)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flask", "gunicorn"])
def test_uv_runs_it_where_a_lock_file_asks_for_that(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("needs uv: install the PyPI package uv")
    # Without a network: the programs themselves come from the environment of the tests.
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_PYTHON", sys.executable)
    files = {
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n[tool.uv]\npackage = false\n'
    }
    project(tmp_path, files)
    subprocess.run([uv, "lock"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    row = ROWS[name]
    with running(row.service(tmp_path)) as service:
        assert service.launch.argv[:2] == (str(uv), "run")
        assert service.launch.hold is Hold.KEPT
        assert row.says in service.get().text
        assert {each.endpoint.address for each in service.listeners()} == {"127.0.0.1"}
