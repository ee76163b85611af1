"""A program that is missing is told with what installs it, in the words of the project's tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes.programs import package_manager
from tests.run.recipes.web import declared, launched, place_of, project

if TYPE_CHECKING:
    from pathlib import Path

VENV = "python3 -m venv .venv && .venv/bin/pip"


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing on the PATH but node, nor where servers usually lie."""
    from homeport.host import programs

    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "node").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(bare))
    monkeypatch.setattr(programs, "_SYSTEM", str(bare))


@pytest.mark.parametrize(
    ("files", "step"),
    [
        ({}, f"{VENV} install Flask"),
        ({"requirements.txt": "flask>=3\n"}, f"{VENV} install -r requirements.txt"),
        ({"requirements.txt": "requests\n"}, f"{VENV} install Flask"),
        ({"pyproject.toml": '"Flask"'}, f"{VENV} install -e ."),
        ({"pyproject.toml": '"flask"', "uv.lock": ""}, "uv sync"),
        ({"pyproject.toml": "", "uv.lock": ""}, "uv add Flask"),
        ({"pyproject.toml": 'flask = "*"', "poetry.lock": ""}, "poetry install"),
        ({"Pipfile": ""}, "pipenv install Flask"),
    ],
)
def test_a_python_program_that_is_missing(files: dict[str, str], step: str, tmp_path: Path) -> None:
    directory = project(tmp_path / "shop", files) if files else tmp_path
    with pytest.raises(NotFound) as caught:
        launched(declared(directory, "flask"))
    assert caught.value.what == "Flask is not installed"
    assert "'flask'" in (caught.value.why or "")
    assert caught.value.next_step == step


def test_an_environment_that_is_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    with pytest.raises(NotFound) as caught:
        launched(declared(tmp_path, "gunicorn", app="wsgi"))
    assert caught.value.next_step == f"{tmp_path}/venv/bin/pip install gunicorn"


def test_fastapi_is_told_with_its_extra(tmp_path: Path) -> None:
    for options in ({}, {"app": "main:app"}):
        with pytest.raises(NotFound) as caught:
            launched(declared(tmp_path, "fastapi", **options))
        assert caught.value.next_step == f"{VENV} install 'fastapi[standard]'"


@pytest.mark.parametrize(
    ("files", "step", "manager"),
    [
        ({"package.json": '{"devDependencies": {"vite": "8"}}'}, "npm install", "npm"),
        ({"package.json": "{}"}, "npm install --save-dev vite", "npm"),
        ({"package.json": "{}", "pnpm-lock.yaml": ""}, "pnpm add --save-dev vite", "pnpm"),
        ({"package.json": '"vite"', "yarn.lock": ""}, "yarn install", "yarn"),
        ({"package.json": '"vite"', "bun.lock": ""}, "bun install", "bun"),
    ],
)
def test_a_node_program_that_is_missing(
    files: dict[str, str], step: str, manager: str, tmp_path: Path
) -> None:
    service = declared(project(tmp_path, files), "vite")
    assert package_manager(place_of(service)) == manager
    with pytest.raises(NotFound) as caught:
        launched(service)
    assert caught.value.next_step == step


def test_what_is_missing_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "bin" / "node").unlink()
    expected = {"node": "nodejs", "vite": "nodejs", "php": "php-cli", "django": "python3"}
    for recipe, package in expected.items():
        with pytest.raises(NotFound) as caught:
            launched(declared(tmp_path, recipe, file="server.js"))
        assert f"apt install {package}" in (caught.value.next_step or "")
