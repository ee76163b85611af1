"""Which project a directory belongs to: the nearest one upward that bears a marker.

Directories are somebody else's: names are only tested for being there, and the two small files of
git that are read must be regular, are read to a limit, and never make a reader wait.
"""

from __future__ import annotations

import os
import stat

from homeport.model.process import Project
from homeport.model.record import NamedTuple
from homeport.wire.git import parse_gitfile, parse_head, worktree_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MARKERS = (
    ".git",
    "pyproject.toml",
    "package.json",
    "compose.yaml",
    "docker-compose.yml",
    "compose.yml",
    "docker-compose.yaml",
    "go.mod",
    "Cargo.toml",
    "manage.py",
    "setup.py",
    "homeport.toml",
    "Procfile",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "mix.exs",
    "deno.json",
    "deno.jsonc",
    "pubspec.yaml",
    "Package.swift",
    ".hg",
)
"""What makes a directory a project, the most telling first: it is the one that is named."""

WEAK_MARKERS = ("CMakeLists.txt", "Makefile", "requirements.txt", "Dockerfile")
"""What also lies in many a directory within a project: counts where nothing else does."""

_READ_ONLY = frozenset(
    ("bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "nix", "gnu", "snap")
)
_RUNTIME = frozenset(("boot", "dev", "etc", "proc", "run", "sys"))
_SYSTEM = _READ_ONLY | _RUNTIME | {"System", "Library", "Applications"}
_SYSTEM_VAR = frozenset(("backups", "cache", "lib", "lock", "log", "mail", "run", "spool"))
_HOMES = ("home", "Users")
_SHARED = frozenset(("", "/tmp", "/var/tmp", "/private/tmp", "/mnt", "/media", "/opt", "/srv"))  # noqa: S108  (names, nothing is written)
_INSTALLED = frozenset(("node_modules", "site-packages", "dist-packages", ".venv", ".tox", ".nox"))
_MAX_DEPTH = 64
_MAX_FILE = 4096

# A file in somebody's directory may be a FIFO, which blocks, or a symbolic link to a device, which
# merely opening can set off.
_CAREFULLY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


class _Found(NamedTuple):
    project: Project | None
    strong: bool


_NOTHING = _Found(None, strong=False)


class ProjectFinder:
    """Finds projects, and remembers every directory that it has looked at.

    One finder is for one look at the machine: it does not notice what changes later. A home
    directory is never a project, whatever lies in it: many people keep their settings in git.
    """

    def __init__(self) -> None:
        self._never = _SHARED | {os.environ.get("HOME", "").rstrip("/")}
        self._found: dict[str, _Found] = {}
        self._identities: dict[str, tuple[int, int] | None] = {}

    def at(self, directory: str) -> Project | None:
        """The project that an absolute path to a directory lies in, None where there is none."""
        directory = directory.rstrip("/")
        names = directory.split("/")
        if names[0] or len(names) > _MAX_DEPTH:
            return None
        if not _INSTALLED.isdisjoint(names):
            # A package that was installed into a project is no project of the user's.
            end = next(depth for depth, name in enumerate(names) if name in _INSTALLED)
            directory = "/".join(names[:end])
        return self._look(directory).project

    def of_program(self, argv: tuple[str, ...], exe: str | None) -> Project | None:
        """The project of a program by where it was started from, for want of a directory.

        What is installed in a hidden directory of a home (editors, version managers) is a tool.
        """
        for path in _program_paths(argv, exe):
            directory = os.path.normpath(path).rpartition("/")[0]
            if not _is_hidden_in_home(directory) and (project := self.at(directory)):
                return project
        return None

    def identity(self, directory: str) -> tuple[int, int] | None:
        """Device and inode of what the path names here, None where it names nothing."""
        if directory not in self._identities:
            try:
                status = os.stat(directory)
            except (OSError, ValueError):
                self._identities[directory] = None
            else:
                self._identities[directory] = (status.st_dev, status.st_ino)
        return self._identities[directory]

    def _look(self, directory: str) -> _Found:
        found = self._found.get(directory)
        if found is None:
            found = self._found[directory] = self._look_anew(directory)
        return found

    def _look_anew(self, directory: str) -> _Found:
        if directory in self._never or not _may_be_project(directory):
            return _NOTHING
        above = self._look(directory.rpartition("/")[0])
        if marker := _first_present(directory, MARKERS):
            return _Found(_project(directory, marker, above.project), strong=True)
        if above.strong:
            return above
        if marker := _first_present(directory, WEAK_MARKERS):
            return _Found(_project(directory, marker, above.project), strong=False)
        return above


def _may_be_project(directory: str) -> bool:
    """Whether this is neither a directory of the system nor somebody's home."""
    names = directory.split("/", 4)[1:]
    top, second = names[0], (names[1] if len(names) > 1 else "")
    if top in _HOMES:
        return len(names) > 2
    if top == "usr":
        return second == "src" and len(names) > 2
    if top == "var":
        return len(names) > 2 and second not in _SYSTEM_VAR
    return top not in _SYSTEM and names != ["root"]


def _is_hidden_in_home(directory: str) -> bool:
    names = directory.split("/", 4)[1:]
    depth = 1 if names[:1] == ["root"] else 2
    in_home = names[:1] == ["root"] or (bool(names) and names[0] in _HOMES)
    return in_home and len(names) > depth and names[depth].startswith(".")


def _first_present(directory: str, names: tuple[str, ...]) -> str | None:
    # A test per name, and no listing: that is as quick in a small directory, and does not take
    # seconds in one with a million files.
    present = os.access
    for name in names:
        if present(f"{directory}/{name}", os.F_OK):
            return name
    return None


def _project(root: str, marker: str, above: Project | None) -> Project:
    name = root.rpartition("/")[2]
    if marker == ".git":
        branch, worktree = _checkout(root)
        return Project(root, name, marker, branch, worktree)
    # Part of a larger repository: the branch is that one's.
    if above is None:
        return Project(root, name, marker)
    return Project(root, name, marker, above.branch, above.worktree)


def _checkout(root: str) -> tuple[str | None, str | None]:
    """Branch and linked worktree of the repository at a directory that has a `.git`."""
    head = _read(f"{root}/.git/HEAD")
    if head is not None:
        return parse_head(head), None
    gitdir = parse_gitfile(_read(f"{root}/.git") or b"")
    if gitdir is None:
        return None, None
    directory = os.path.normpath(os.path.join(root, gitdir))
    head = _read(f"{directory}/HEAD")
    return parse_head(head or b""), worktree_name(directory)


def _read(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, _CAREFULLY)
    except (OSError, ValueError):
        return None
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, _MAX_FILE) if regular else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _program_paths(argv: tuple[str, ...], exe: str | None) -> Iterator[str]:
    """Absolute paths of the program: what `java -jar` names, the script, argv[0], the executable.

    A virtual environment's interpreter is a link: argv[0] still says which environment it was.
    """
    if "-jar" in argv[:-1]:
        yield argv[argv.index("-jar") + 1]
    script = next((word for word in argv[1:] if not word.startswith("-")), None)
    for path in (script, argv[0] if argv else None, exe):
        if path is not None and path.startswith("/") and "\0" not in path:
            yield path


def root_of(directory: str | None = None) -> str:
    """The root of the project that a directory (None: the working directory) is of, or itself."""
    place = os.path.realpath(directory or os.curdir)
    project = ProjectFinder().at(place)
    return place if project is None else project.root
