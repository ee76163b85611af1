"""Which program runs a service: the project's own, that of its tool, or the machine's.

What is missing is told with the command that brings it, in the words of the project's own tool.
"""

from __future__ import annotations

from shlex import quote

from homeport.host import peeking, programs
from homeport.model.errors import NotFound
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place


class _Manager(NamedTuple):
    """A tool that installs what a project needs, told by a file that only it makes."""

    file: str
    install: str
    add: str


_PYTHON = (
    _Manager("uv.lock", "uv sync", "uv add {}"),
    _Manager("poetry.lock", "poetry install", "poetry add {}"),
    _Manager("pdm.lock", "pdm install", "pdm add {}"),
    _Manager("Pipfile", "pipenv install", "pipenv install {}"),
    _Manager("requirements.txt", "{pip} install -r requirements.txt", "{pip} install {}"),
    _Manager("pyproject.toml", "{pip} install -e .", "{pip} install {}"),
)
_NODE = (
    _Manager("pnpm-lock.yaml", "pnpm install", "pnpm add --save-dev {}"),
    _Manager("yarn.lock", "yarn install", "yarn add --dev {}"),
    _Manager("bun.lock", "bun install", "bun add --dev {}"),
    _Manager("bun.lockb", "bun install", "bun add --dev {}"),
    _Manager("package.json", "npm install", "npm install --save-dev {}"),
)
_DECLARING = ("pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg", "setup.py")
_MAKE_VENV = "python3 -m venv .venv && "


def python_program(place: Place, name: str, package: str) -> tuple[str, ...]:
    """The command line that begins with a Python program of the project; raises `NotFound`.

    `package` is what has to be installed for it.
    """
    if found := _found(place, name):
        return found
    managed = _managed_by(_PYTHON, place) or _PYTHON[-1]
    base = package.partition("[")[0]
    declared = any(_declares(place, file, base) for file in _DECLARING)
    step = managed.install if declared else managed.add.format(quote(package), pip="{pip}")
    raise NotFound(
        f"{package} is not installed",
        why=f"neither the project's environment nor the PATH has a program {name!r}",
        next_step=_with_pip(place, step),
    )


def python(place: Place) -> tuple[str, ...]:
    """The command line that begins with the project's Python; raises `NotFound`."""
    for name in ("python", "python3"):
        if found := _found(place, name):
            return found
    raise NotFound(
        "there is no Python for this project",
        why="neither the project's environment nor the PATH has a program 'python3'",
        next_step="on Debian or Ubuntu: apt install python3 python3-venv",
    )


def _found(place: Place, name: str) -> tuple[str, ...] | None:
    directory = place.service.directory
    if own := programs.in_project(name, directory, place.root):
        return (own,)
    # Without an environment yet, uv makes it from its lock file at the first run.
    if _has(place, "uv.lock") and (uv := programs.in_path("uv")):
        return (uv, "run", name)
    found = programs.in_path(name)
    return (found,) if found else None


def node_program(place: Place, name: str, package: str) -> tuple[str, ...]:
    """The command line that begins with a program of an npm package; raises `NotFound`."""
    node(place)
    if found := _of_project_or_path(place, name):
        return (found,)
    managed = _managed_by(_NODE, place) or _NODE[-1]
    declared = _declares(place, "package.json", package)
    raise NotFound(
        f"{package} is not installed",
        why=f"neither node_modules/.bin nor the PATH has a program {name!r}",
        next_step=managed.install if declared else managed.add.format(package),
    )


def node(place: Place) -> str:
    """The path of Node.js; raises `NotFound`."""
    if found := _of_project_or_path(place, "node"):
        return found
    raise NotFound(
        "Node.js is not installed",
        why="the PATH has no program 'node'",
        next_step="on Debian or Ubuntu: apt install nodejs npm; on macOS: brew install node",
    )


def package_manager(place: Place) -> str:
    """The tool that runs the scripts of package.json: npm, unless a lock file names another."""
    managed = _managed_by(_NODE, place) or _NODE[-1]
    return managed.install.partition(" ")[0]


def _of_project_or_path(place: Place, name: str) -> str | None:
    own = programs.in_project(name, place.service.directory, place.root)
    return own or programs.in_path(name)


def _managed_by(managers: tuple[_Manager, ...], place: Place) -> _Manager | None:
    return next((each for each in managers if _has(place, each.file)), None)


def _has(place: Place, file: str) -> bool:
    above = programs.upward(place.service.directory, place.root)
    return any(peeking.is_file(f"{directory}/{file}") for directory in above)


def _declares(place: Place, file: str, package: str) -> bool:
    above = programs.upward(place.service.directory, place.root)
    texts = [peeking.text_of(f"{directory}/{file}") or "" for directory in above]
    return any(package.lower() in text.lower() for text in texts)


def _with_pip(place: Place, step: str) -> str:
    """The step with the project's pip; where there is no environment yet, that comes first."""
    if "{pip}" not in step:
        return step
    for place_of in programs.upward(place.service.directory, place.root):
        for name in (".venv", "venv"):
            if peeking.is_directory(f"{place_of}/{name}"):
                return step.replace("{pip}", f"{place_of}/{name}/bin/pip")
    return _MAKE_VENV + step.replace("{pip}", ".venv/bin/pip")
