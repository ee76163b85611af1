"""What is found in a project, by reading its files only."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from homeport.run.recipes import catalog, found_in
from tests.run.recipes.web import project

if TYPE_CHECKING:
    from pathlib import Path

VITE = json.dumps({"devDependencies": {"vite": "^8"}})
NEXT = json.dumps({"dependencies": {"next": "16"}, "devDependencies": {"vite": "^8"}})
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "import fastapi\n\napi = fastapi.FastAPI(\n    title='x',\n)\n"
MANAGE = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
EXPRESS = "const app = require('express')();\napp.listen(process.env.PORT);\n"

PROJECTS = {
    "nothing": ({"README.md": "Flask( FastAPI("}, {}),
    "flask": ({"app.py": FLASK}, {"web": "flask"}),
    "django first": ({"manage.py": MANAGE, "app.py": FLASK}, {"web": "django"}),
    "a manage.py of something else": ({"manage.py": "import flask"}, {}),
    "fastapi": ({"app/main.py": FASTAPI, "app/__init__.py": ""}, {"web": "fastapi"}),
    "only a mention": ({"app.py": "# app = Flask(\n'Flask('\n"}, {}),
    "an application within a function": ({"app.py": "def test():\n    app = Flask(1)\n"}, {}),
    "quart": ({"app.py": "app = Quart(__name__)\n"}, {"web": "hypercorn"}),
    "next before vite": ({"package.json": NEXT, "index.html": ""}, {"web": "next"}),
    "vite": ({"package.json": VITE, "vite.config.ts": ""}, {"web": "vite"}),
    "vite for tests only": ({"package.json": VITE}, {}),
    "node": ({"package.json": "{}", "server.js": EXPRESS}, {"web": "node"}),
    "typescript without a script": ({"package.json": "{}", "src/server.ts": EXPRESS}, {}),
    "php": ({"public/index.php": "<?php"}, {"web": "php"}),
    "a page that a tool makes": ({"package.json": "{}", "public/index.html": ""}, {}),
    "static": ({"index.html": ""}, {"web": "static"}),
    "a back end and front ends": (
        {
            "backend/manage.py": MANAGE,
            "frontend/package.json": VITE,
            "frontend/index.html": "",
            "Admin_UI/package.json": NEXT,
            "node_modules/x/package.json": NEXT,
            ".cache/package.json": NEXT,
            "docs/index.html": "",
            "docs/package.json": VITE,
            "assets/index.html": "",
        },
        {"backend": "django", "frontend": "vite", "admin-ui": "next"},
    ),
    "a package is no service by itself": (
        {"pyproject.toml": "", "shop/main.py": FASTAPI, "shop/__init__.py": ""},
        {"web": "fastapi"},
    ),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_services_of_a_project_are_found(name: str, tmp_path: Path) -> None:
    files, recipes = PROJECTS[name]
    project(tmp_path, files)
    found = found_in(str(tmp_path))
    assert {service.name: service.recipe for service in found} == recipes
    for service in found:
        assert service.directory.startswith(str(tmp_path))
        assert (tmp_path / service.source).exists()


@pytest.mark.parametrize(
    ("files", "options"),
    [
        ({"wsgi.py": "application = Flask('x')\n"}, {"app": "wsgi:application"}),
        (
            {"src/shop/__init__.py": "def create_app():\n  Flask(1)\n"},
            {"app": "src/shop:create_app"},
        ),
        ({"shop/web.py": FLASK, "shop/app.py": FLASK}, {"app": "shop.app:app"}),
        ({".flaskenv": "FLASK_APP=x", "app.py": FLASK}, {}),
        ({"main.py": FASTAPI}, {"app": "main:api"}),
        (
            {"src/shop/main.py": "def create_app() -> FastAPI:\n  return FastAPI()\n"},
            {"app": "shop.main:create_app", "app_dir": "src", "factory": "true"},
        ),
        ({"asgi.py": "app: Starlette = applications.Starlette()\n"}, {"app": "asgi:app"}),
    ],
)
def test_where_the_application_is_is_found(
    files: dict[str, str], options: dict[str, str], tmp_path: Path
) -> None:
    (service,) = found_in(str(project(tmp_path, files)))
    assert dict(service.options) == options


def test_odd_files_are_no_services(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.py")
    (tmp_path / "main.py").mkdir()
    (tmp_path / "manage.py").symlink_to("/dev/zero")
    (tmp_path / "package.json").symlink_to(tmp_path / "package.json")
    (tmp_path / "wsgi.py").write_bytes(b"Flask(" * 100_000)
    (tmp_path / "asgi.py").write_bytes(bytes(range(256)) * 1000 + b"FastAPI(")
    assert found_in(str(tmp_path)) == ()
    assert found_in(str(tmp_path / "missing")) == ()


def test_every_recipe_says_what_it_is() -> None:
    for name, recipe in catalog().items():
        assert recipe.name == name
        assert not recipe.what.endswith(".")
        assert len({option for option, _ in recipe.options}) == len(recipe.options)


def test_no_two_recipes_claim_one_program() -> None:
    manners = [recipe.manner for recipe in catalog().values() if recipe.manner]
    programs = [program for manner in manners for program in manner.programs]
    assert len(programs) == len(set(programs))
