"""What a changed file changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.wire.declaration.changes import Changes, changed
from homeport.wire.declaration.homeport_toml import parse

if TYPE_CHECKING:
    from homeport.model.service import Declaration

BASE = """
[env]
DEBUG = true
[services.web]
run = "serve"
env = { URL = "${api.url}" }
[services.api]
run = "serve"
needs = ["db"]
[services.db]
recipe = "postgresql"
[services.worker]
run = "work"
port = false
"""


def declared(text: str) -> Declaration:
    recipes = {"postgresql": {"version": "Which."}}
    return parse(text.encode(), root="/x", project="x", recipes=recipes)


def changes(*replacements: tuple[str, str]) -> Changes:
    text = BASE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return changed(declared(BASE), declared(text))


ALL = ("web", "api", "db", "worker")


def test_nothing() -> None:
    assert changes() == Changes(same=ALL)
    assert changes(("[env]", "# moved down by a line\n[env]")) == Changes(same=ALL)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('run = "work"', 'run = "work harder"',
         Changes(restart=("worker",), same=("web", "api", "db"))),
        ('run = "serve"\nneeds', 'run = "serve -v"\nneeds',
         Changes(restart=("api",), same=("web", "db", "worker"))),
        ('run = "serve"\nneeds', 'run = "serve"\nport = 8000\nneeds',
         Changes(restart=("web", "api"), same=("db", "worker"))),
        ('recipe = "postgresql"', 'recipe = "postgresql"\nversion = 16',
         Changes(restart=("api", "db"), same=("web", "worker"))),
        ('run = "work"', 'run = "work"\nrestart = "always"',
         Changes(adjust=("worker",), same=("web", "api", "db"))),
        ('run = "serve"\nneeds', 'run = "serve"\nready = "http:/"\nnames = ["x"]\nneeds',
         Changes(adjust=("api",), same=("web", "db", "worker"))),
        ('[services.worker]\nrun = "work"', '[services.other]\nrun = "work"',
         Changes(stop=("worker",), start=("other",), same=("web", "api", "db"))),
        ("DEBUG = true", "DEBUG = false", Changes(restart=ALL)),
        ("[env]", '[project]\nname = "y"\n[env]', Changes(restart=ALL)),
    ],
)  # fmt: skip
def test_one_change(old: str, new: str, expected: Changes) -> None:
    assert changes((old, new)) == expected


def test_variables_of_a_file_concern_all() -> None:
    old = declared(BASE)
    assert changed(old, old._replace(dotenv=(("A", "1"),))).restart == ALL


def test_to_nothing_and_back() -> None:
    old = declared(BASE)
    empty = old._replace(services=())
    assert changed(old, empty) == Changes(stop=ALL)
    assert changed(empty, old) == Changes(start=ALL)
