"""Servers for Node.js: a script of package.json, or a file.

The server has to take its port from the variable PORT, as most do. Whatever address its code names,
it listens on loopback (`loopback.cjs`).
"""

from __future__ import annotations

import re

from homeport.host import peeking
from homeport.model.errors import BadInput
from homeport.run.recipes import command
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.node_packages import node_environment, package
from homeport.run.recipes.options import is_on, option
from homeport.run.recipes.programs import node, package_manager
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service
    from homeport.run.recipes.node_packages import Package

MANNER = Manner(programs=("node", "nodejs"))
_SCRIPTS = ("dev", "start")
_FILES = (
    "server.js",
    "index.js",
    "app.js",
    "server.mjs",
    "index.mjs",
    "src/server.js",
    "src/index.js",
)
_TYPED = ("server.ts", "src/server.ts", "src/index.ts", "src/main.ts")
_LISTENS = re.compile(r"\.listen\s*\(|\bserve\s*\(")


def launch(place: Place) -> Launch:
    """`npm run SCRIPT`, or `node --watch FILE`."""
    service = place.service
    if script := option(service, "script"):
        line = f"{package_manager(place)} run {script}"
        return command.launch(place._replace(service=service._replace(run=line)))
    file = option(service, "file")
    if file is None:
        raise BadInput(
            f"{service.name}: what node is to run is not said",
            next_step=f'add file = "server.js" or script = "dev" in {service.source}',
        )
    watch = is_on(service, "reload", default=True)
    argv = (node(place), *(("--watch", "--watch-preserve-output") if watch else ()), file)
    return launched(place, MANNER, argv, node_environment(place))


def finds(directory: str) -> Service | None:
    """A package with a file that listens, and a script for it unless node runs it as it is."""
    declared = package(directory)
    if declared is None:
        return None
    script = next((name for name in _SCRIPTS if declared.script(name)), None)
    for file in (*_main(declared), *_FILES, *(_TYPED if script else ())):
        if _LISTENS.search(peeking.text_of(f"{directory}/{file}") or ""):
            what = ("script", script) if script else ("file", file)
            return found(directory, "package.json", "node", (what,))
    return None


def _main(declared: Package) -> tuple[str, ...]:
    """The file that a package names, if it lies within it."""
    main = declared.main
    inside = main is not None and not main.startswith("/") and ".." not in main.split("/")
    return (main,) if main and inside else ()


RECIPE = Recipe(
    name="node",
    what="A server for Node.js that takes its port from PORT",
    launch=launch,
    finds=finds,
    rank=40,
    options=(
        ("script", "the script of package.json that runs it"),
        ("file", "the file that runs it"),
        ("reload", "true or false: whether a file is run again when it changes; true by default"),
    ),
    manner=MANNER,
)
