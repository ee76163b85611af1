"""Projects of real directories and real git repositories."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from homeport.host.projects import MARKERS, WEAK_MARKERS, ProjectFinder
from homeport.model.process import Project
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path


def git(directory: Path, *argv: str) -> str:
    # Nobody's own settings, and none of the machine's, decide about what is tested here.
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": "/"}
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    program = need("git", package="git")
    return subprocess.run(
        [program, *identity, "-c", "protocol.file.allow=always", *argv],
        cwd=directory,
        env=os.environ | clean,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "first")
    return root


def at(directory: Path) -> Project | None:
    return ProjectFinder().at(str(directory))


def test_a_repository(repository: Path) -> None:
    assert at(repository) == Project(str(repository), "shop", ".git", branch="main")


def test_a_directory_within_it(repository: Path) -> None:
    deep = repository / "a" / "b"
    deep.mkdir(parents=True)
    assert at(deep) == at(repository)


def test_a_branch_with_a_slash(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "feature/login")
    found = at(repository)
    assert found is not None
    assert found.branch == "feature/login"


def test_a_detached_head_is_its_commit(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--detach")
    found = at(repository)
    assert found is not None
    assert found.branch == git(repository, "rev-parse", "HEAD")[:7]


def test_a_linked_worktree(repository: Path) -> None:
    linked = repository.parent / "shop-login"
    git(repository, "worktree", "add", "--quiet", "-b", "login", str(linked))
    assert at(linked) == Project(str(linked), "shop-login", ".git", "login", "shop-login")


def test_a_submodule_is_no_worktree(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet", "--initial-branch", "stable")
    git(library, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(repository, "submodule", "--quiet", "add", str(library), "lib")
    assert at(repository / "lib") == Project(str(repository / "lib"), "lib", ".git", "stable")


def test_the_nearest_of_a_monorepo_wins_and_the_branch_is_that_of_the_whole(
    repository: Path,
) -> None:
    api = repository / "services" / "api"
    (api / "src").mkdir(parents=True)
    (api / "package.json").touch()
    assert at(api / "src") == Project(str(api), "api", "package.json", branch="main")


@pytest.mark.parametrize("marker", [*MARKERS, *WEAK_MARKERS])
def test_each_marker(marker: str, tmp_path: Path) -> None:
    (tmp_path / marker).touch()
    assert at(tmp_path) == Project(str(tmp_path), tmp_path.name, marker)


@pytest.mark.parametrize("marker", WEAK_MARKERS)
def test_a_weak_marker_yields_to_a_strong_one_above(marker: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    below = tmp_path / "docs"
    below.mkdir()
    (below / marker).touch()
    found = at(below)
    assert found is not None
    assert found.root == str(tmp_path)


def test_nothing_marks_an_ordinary_directory(tmp_path: Path) -> None:
    assert at(tmp_path) is None


@pytest.mark.parametrize(
    "directory",
    ["/", "//", "", "relative", "/usr", "/usr/lib/python3", "/etc", "/var/lib/postgresql", "/proc"],
)
def test_the_system_is_no_project(directory: str) -> None:
    assert ProjectFinder().at(directory) is None


def test_a_home_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "package.json").touch()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("HOME", f"{tmp_path}/")
    assert at(tmp_path) is None
    assert at(work) is None


def test_a_package_installed_into_a_project_is_not_one(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "vite"
    package.mkdir(parents=True)
    for directory in (tmp_path, package):
        (directory / "package.json").touch()
    found = at(package)
    assert found is not None
    assert found.root == str(tmp_path)


def test_what_lies_in_wait_is_not_opened(tmp_path: Path) -> None:
    dotgit = tmp_path / ".git"
    dotgit.mkdir()
    os.mkfifo(dotgit / "HEAD")
    assert at(tmp_path) == Project(str(tmp_path), tmp_path.name, ".git")
    (dotgit / "HEAD").unlink()
    (dotgit / "HEAD").symlink_to("/dev/zero")
    assert at(tmp_path) == Project(str(tmp_path), tmp_path.name, ".git")


@pytest.mark.parametrize(
    "content", [b"", b"gitdir: /nowhere\n", b"gitdir: \0\n", b"\xff" * 10_000, b"gitdir: " * 999]
)
def test_a_broken_gitfile_leaves_the_branch_unknown(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(content)
    found = at(tmp_path)
    assert found is not None
    assert found.branch is None


def test_a_path_of_absurd_depth(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert ProjectFinder().at(str(tmp_path) + "/a" * 1000) is None


def test_names_that_are_no_text(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(root)
    with open(root + b"/go.mod", "wb"):
        found = ProjectFinder().at(os.fsdecode(root))
    assert found is not None
    assert os.fsencode(found.name) == b"caf\xe9"


def test_each_directory_is_looked_at_once(tmp_path: Path) -> None:
    finder = ProjectFinder()
    assert finder.at(str(tmp_path)) is None
    (tmp_path / ".git").mkdir()
    assert finder.at(str(tmp_path)) is None


@pytest.mark.parametrize(
    "argv",
    [
        ("/usr/bin/python3", "-u", "{}/manage", "runserver"),
        ("{}/.venv/bin/python", "-m", "flask", "run"),
        ("java", "-Xmx1g", "-jar", "{}/build/app.jar"),
        ("{}/../{name}/bin/serve",),
    ],
)
def test_a_program_is_of_the_project_that_it_lies_in(argv: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    words = tuple(word.format(tmp_path, name=tmp_path.name) for word in argv)
    found = ProjectFinder().of_program(words, "/usr/bin/whatever")
    assert found is not None
    assert found.root == str(tmp_path)


def test_the_executable_tells_where_the_arguments_do_not(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").touch()
    found = ProjectFinder().of_program(("serve",), f"{tmp_path}/target/debug/serve")
    assert found is not None
    assert found.root == str(tmp_path)


@pytest.mark.parametrize(
    ("argv", "exe"),
    [
        ((), None),
        (("nginx: master process",), "/usr/sbin/nginx"),
        (("/bin",), "/bin"),
        (("python3", "relative.py"), None),
        (("x", "-jar"), None),
        (("/a\0b",), None),
        (("/",), "/"),
    ],
)
def test_a_program_of_no_project(argv: tuple[str, ...], exe: str | None) -> None:
    assert ProjectFinder().of_program(argv, exe) is None


def test_a_tool_in_a_hidden_directory_of_a_home_is_no_project() -> None:
    finder = ProjectFinder()
    # Not to depend on what lies in the home of whoever runs this: nothing is looked at.
    assert finder.of_program(("/home/nobody-at-all/.nvm/versions/node",), None) is None
    assert finder._found == {}
