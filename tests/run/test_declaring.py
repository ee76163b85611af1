"""What real directories declare: each kind of file, several of them, and who is above whom."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import BadInput, BrokenMessage, NotFound
from homeport.run.declaring import declaration
from homeport.wire.declaration.environment import environment
from tests.support import ROOT, need

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Declaration

DOCS = ROOT / "docs"
TOML = '[services.web]\nrun = "serve"\n'
COMPOSE = """
services:
  web: {build: ., ports: ["8000:8000"]}
  db: {image: "postgres:16", environment: {POSTGRES_DB: shop}}
  mail: {image: axllent/mailpit}
"""
PACKAGE = '{"scripts": {"dev": "some-server"}, "packageManager": "pnpm@9"}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty directory of a project."""
    directory = tmp_path / "My Shop"
    directory.mkdir()
    return directory


def write(directory: Path, **files: str) -> None:
    called = {
        "toml": "homeport.toml",
        "compose": "compose.yaml",
        "package": "package.json",
        "env": ".env",
        "dev": "Procfile.dev",
    }
    for name, text in files.items():
        (directory / called.get(name, name)).write_text(text, encoding="utf-8")


def names(declared: Declaration) -> list[str]:
    return [each.name for each in declared.services]


def test_homeport_toml_says_it_alone(project: Path) -> None:
    write(project, toml=TOML, Procfile="other: x\n", compose=COMPOSE, package=PACKAGE)
    declared = declaration(str(project))
    assert (declared.root, declared.name, declared.branch) == (str(project), "my-shop", None)
    assert (declared.source, names(declared), declared.notes) == ("homeport.toml", ["web"], ())


def test_recipes_and_their_options_are_known(project: Path) -> None:
    write(project, toml='[services.db]\nrecipe = "postgresql"\nversion = "16"\n')
    (service,) = declaration(str(project)).services
    assert (service.recipe, service.options) == ("postgresql", (("version", "16"),))


def test_a_procfile_with_the_databases_of_a_compose_file(project: Path) -> None:
    write(project, Procfile="web: serve -p $PORT\nworker: work\n", compose=COMPOSE)
    declared = declaration(str(project))
    assert declared.source == "Procfile, compose.yaml"
    assert [(each.name, each.needs) for each in declared.services] == [
        ("web", ("db",)), ("worker", ("db",)), ("db", ()),
    ]  # fmt: skip
    assert declared.services[2].options == (("database", "shop"), ("version", "16"))
    assert declared.notes == (
        (
            "mail of compose.yaml is left out: no recipe stands in for the image axllent/mailpit; "
            "docker compose up mail runs it"
        ),
    )


def test_the_procfile_for_development_comes_first(project: Path) -> None:
    write(project, Procfile="web: a\n", dev="web: b\njs: c\n")
    declared = declaration(str(project))
    assert (declared.source, names(declared)) == ("Procfile.dev", ["web", "js"])


def test_servers_that_can_be_told_where_to_listen_get_a_port_of_their_own(project: Path) -> None:
    lines = {
        "web": ("gunicorn -b 0.0.0.0:8000 shop:app", None, True),
        "api": ("uv run flask run", None, True),
        "assets": ("npx vite --port 5173", None, True),
        "node": ("PORT=4000 node index.js", 4000, True),
        "fixed": ("PORT=5001 flask run", 5001, True),
        "queue": ("node worker.js", None, False),
        "worker": ("celery -A shop worker", None, False),
        "release": ("python manage.py migrate", None, False),
    }
    write(project, Procfile="".join(f"{name}: {line[0]}\n" for name, line in lines.items()))
    found = {each.name: each[3:4] + each[5:7] for each in declaration(str(project)).services}
    assert found == lines


def test_a_service_of_the_procfile_stands_for_that_of_the_compose_file(project: Path) -> None:
    write(project, Procfile="db: my-own-postgres\n", compose=COMPOSE)
    (db,) = declaration(str(project)).services
    assert (db.run, db.recipe) == ("my-own-postgres", None)


def test_a_script_of_package_json(project: Path) -> None:
    write(project, package=PACKAGE)
    declared = declaration(str(project))
    assert [each.run for each in declared.services] == ["pnpm run dev"]
    assert declared.source == "package.json"


def test_a_compose_file_alone(project: Path) -> None:
    write(project, compose=COMPOSE)
    declared = declaration(str(project))
    assert names(declared) == ["db"]
    assert declared.notes[0].startswith("web of compose.yaml is left out: it is built from")


def test_what_recipes_find(project: Path) -> None:
    (project / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    (project / "requirements.txt").write_text("flask\n")
    write(project, compose=COMPOSE)
    declared = declaration(str(project))
    assert declared.services[0].recipe == "flask"
    assert declared.services[0].needs == ("db",)


def test_nothing_to_run(project: Path) -> None:
    with pytest.raises(NotFound) as caught:
        declaration(str(project))
    assert caught.value.what == f"nothing in {project} says what to run"
    assert "homeport run -- COMMAND" in str(caught.value.next_step)


def test_variables_of_a_file(project: Path) -> None:
    write(project, toml="[env]\nB = 2\n" + TOML, env="A=1\nB=${A}\nPORT=5000\nodd\n")
    declared = declaration(str(project))
    assert declared.dotenv == (("A", "1"), ("B", "${A:-}"), ("PORT", "5000"))
    assert declared.notes == (".env:4 is left out: it is not of the form `NAME=value`",)
    made = environment(
        declared, declared.services[0], outer={"A": "0"}, facts={}, own=(("PORT", "20000"),)
    )
    assert made == {"A": "1", "B": "2", "PORT": "20000"}


def test_the_nearest_homeport_toml_upward(project: Path) -> None:
    inner = project / "frontend" / "src"
    inner.mkdir(parents=True)
    write(project, toml=TOML)
    write(project / "frontend", package=PACKAGE)
    assert declaration(str(inner)).root == str(project)
    write(project / "frontend", toml=TOML)
    assert declaration(str(inner)).root == str(project / "frontend")


def test_the_root_of_the_project_otherwise(project: Path) -> None:
    (project / ".git").mkdir()
    (project / "src").mkdir()
    write(project, Procfile="web: x\n")
    assert declaration(str(project / "src")).root == str(project)


def test_a_homeport_toml_of_somebody_else_above_does_not_count(project: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a file of another user")
    inner = project / "inner"
    inner.mkdir()
    write(project, toml=TOML)
    write(inner, Procfile="own: x\n")
    os.chown(project / "homeport.toml", 65534, 65534)
    assert names(declaration(str(inner))) == ["own"]
    os.chown(inner, 65534, 65534)
    assert names(declaration(str(inner))) == ["web"]


def test_a_directory_that_is_not_there(project: Path) -> None:
    write(project, toml=TOML + 'directory = "backend"\n')
    with pytest.raises(BadInput, match=r"homeport\.toml:1: web has no directory .*backend"):
        declaration(str(project))
    (project / "backend").mkdir()
    assert declaration(str(project)).services[0].directory == str(project / "backend")


def git(directory: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
    argv = [need("git", package="git"), *identity, *words]
    subprocess.run(argv, cwd=directory, check=True, capture_output=True, timeout=20)


@pytest.fixture
def worktree(project: Path) -> Path:
    """A linked worktree beside its main repository."""
    write(project, Procfile="web: x\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "x")
    place = project.parent / "elsewhere"
    git(project, "worktree", "add", "-q", "-b", "feature/Login", str(place))
    return place


def test_a_linked_worktree_is_called_like_the_main_one(project: Path, worktree: Path) -> None:
    declared = declaration(str(worktree))
    assert (declared.root, declared.name, declared.branch) == (
        str(worktree), "my-shop", "feature-login",
    )  # fmt: skip
    assert declaration(str(project)).branch is None
    write(worktree, toml='[project]\nname = "Other"\n' + TOML)
    assert declaration(str(worktree)).name == "other"


def test_a_project_within_a_linked_worktree(worktree: Path) -> None:
    (worktree / "api").mkdir()
    write(worktree / "api", toml=TOML)
    declared = declaration(str(worktree / "api"))
    assert (declared.name, declared.branch) == ("api", "feature-login")


def test_worktrees_of_a_bare_repository(tmp_path: Path, project: Path) -> None:
    write(project, Procfile="web: x\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "x")
    for bare, place in (("shop.git", "a"), ("store/.bare", "store/b")):
        git(tmp_path, "clone", "-q", "--bare", str(project), str(tmp_path / bare))
        git(tmp_path / bare, "worktree", "add", "-q", "-b", "topic", str(tmp_path / place))
        declared = declaration(str(tmp_path / place))
        assert (declared.name, declared.branch) == (bare[:5].rstrip("."), "topic")


def test_what_is_no_ordinary_file(project: Path) -> None:
    write(project, Procfile="web: x\n")
    (project / ".env").mkdir()
    assert declaration(str(project)).dotenv == ()
    (project / ".env").rmdir()
    os.mkfifo(project / ".env")
    with pytest.raises(BadInput, match=r"\.env is no ordinary file"):
        declaration(str(project))


def test_what_is_too_large(project: Path) -> None:
    write(project, toml="#" * (1 << 20) + "\n")
    with pytest.raises(BadInput, match="is too large"):
        declaration(str(project))


TOML_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    block
    for page in ("reference/homeport-toml.md", "how-to/use-a-procfile.md")
    for block in TOML_BLOCK.findall((DOCS / page).read_text("utf-8"))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_examples_of_the_documentation(block: str, project: Path) -> None:
    write(project, toml=block)
    assert declaration(str(project)).services


def test_a_compose_file_that_cannot_be_read(project: Path) -> None:
    write(project, Procfile="web: x\n", compose="services: [")
    with pytest.raises(BrokenMessage, match=r"compose\.yaml cannot be read"):
        declaration(str(project))


def test_needs_of_a_compose_file_in_a_circle(project: Path) -> None:
    write(project, compose="services: {a: {image: redis, depends_on: [b]}, "
                           "b: {image: redis, depends_on: [a]}}")  # fmt: skip
    with pytest.raises(BadInput, match="services need each other: a -> b -> a"):
        declaration(str(project))
