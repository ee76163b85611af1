"""Finds what a project declares: homeport.toml, or what its other files say of themselves.

The files are read here, and understood in `homeport.wire.declaration`. Recipes are handed on from
here: the parsers know none.
"""

from __future__ import annotations

import os

from homeport.host import project_roots
from homeport.host.project_roots import files_among, read_declaration
from homeport.model.errors import BadInput, HomeportError, NotFound
from homeport.model.record import NamedTuple
from homeport.model.service import Declaration
from homeport.wire.declaration.labels import label
from homeport.wire.declaration.order import order, with_implied_needs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeport.model.service import Service
    from homeport.run.recipes.contract import Recipe


class Found(NamedTuple):
    """Services, the files that they come from, and sentences about what was left out.

    `env_files` are named by one of those, the later winning; None is `.env`, if there is one.
    """

    services: tuple[Service, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    env_files: tuple[str, ...] | None = None


HOMEPORT_TOML = "homeport.toml"

_RUNTIMES = frozenset(("node", "nodejs", "bun", "deno"))
"""Programs that run servers and workers alike."""


def declaration(directory: str) -> Declaration:
    """What the project of a directory declares.

    A homeport.toml says it alone. Otherwise the services are those of the Procfile, else those
    that recipes find, else the script of package.json; and with them the databases of a compose
    file for which there are recipes. `.env` is read in any case.

    Raises `BadInput` for mistakes in a file, `NotFound` where nothing says what to run.
    """
    directory = os.path.abspath(directory)
    root = project_roots.project_directory(directory)
    name, branch = project_roots.project_names(root)
    data = read_declaration(os.path.join(root, HOMEPORT_TOML))
    if data is not None:
        declared = _of_homeport_toml(data, root, label(name))
        dotenv, notes = _dotenv(root, None)
    else:
        found = _of_other_files(root)
        declared = _declared(found, root, label(name))
        dotenv, notes = _dotenv(root, found.env_files)
    return declared._replace(
        branch=None if branch is None else label(branch),
        dotenv=dotenv,
        notes=(*declared.notes, *notes),
    )


def _of_homeport_toml(data: bytes, root: str, name: str) -> Declaration:
    from homeport.wire.declaration import homeport_toml

    options = {recipe.name: dict(recipe.options) for recipe in _recipes()}
    declared = homeport_toml.parse(data, root=root, project=name, recipes=options)
    for service in declared.services:
        if not project_roots.is_directory(service.directory):
            raise BadInput(
                f"{service.source}: {service.name} has no directory {service.directory}",
                next_step="directory = … is relative to the file",
            )
    return declared


def _recipes() -> Iterable[Recipe]:
    from homeport.run.recipes import catalog

    return catalog().values()


def _of_other_files(root: str) -> Found:
    apps = next((found for each in _APPS if (found := each(root)).services), Found())
    databases = _compose(root)
    joined = _joined(apps, databases)
    if not joined.services:
        raise _nothing(root, joined.notes)
    order(joined.services)
    return joined


def _declared(found: Found, root: str, name: str) -> Declaration:
    return Declaration(
        root=root,
        name=name,
        branch=None,
        source=", ".join(found.sources),
        services=found.services,
        notes=found.notes,
    )


def _nothing(root: str, notes: tuple[str, ...]) -> HomeportError:
    return NotFound(
        f"nothing in {root} says what to run",
        why="; ".join(notes) or None,
        next_step="write a homeport.toml, or for one command: homeport run -- COMMAND",
    )


def _procfile(root: str) -> Found:
    from homeport.wire.declaration import procfile
    from homeport.wire.declaration.foreman_options import NAME, Options, options

    told = read_declaration(os.path.join(root, NAME))
    said = Options() if told is None else options(told)
    for name in (said.procfile,) if said.procfile else procfile.NAMES:
        data = read_declaration(os.path.join(root, name))
        if data is not None:
            place = os.path.normpath(os.path.join(root, os.path.dirname(name)))
            services, notes = procfile.services(data, name, place, said.formation)
            return Found(tuple(map(_listening, services)), (name,), notes, said.env_files)
    if said.procfile:
        raise NotFound(f"there is no {said.procfile} in {root}", why=f"{NAME} names it")
    return Found()


def _listening(service: Service) -> Service:
    """A command line that runs a server we can tell where to listen gets a port of its own.

    Also where it names another one: that would be the same in each worktree.
    """
    from homeport.run.recipes.command_lines import understood

    line = service.run or ""
    known = understood(line, service.directory)
    if known is None or known.manner is None or known.program in _RUNTIMES:
        return service
    if f"PORT={service.port}" in line.split():
        return service  # which would win over ours
    return service._replace(port=None, has_port=True, ready=None)


def _by_recipes(root: str) -> Found:
    from homeport.run.recipes import found_in

    services = found_in(root)
    return Found(services, tuple(dict.fromkeys(each.source for each in services)))


def _package_json(root: str) -> Found:
    from homeport.wire.declaration import package_json

    data = read_declaration(os.path.join(root, package_json.NAME))
    if data is None:
        return Found()
    present = files_among(root, package_json.LOCK_FILES)
    service = package_json.service(data, package_json.NAME, root, present)
    return Found() if service is None else Found((service,), (package_json.NAME,))


# A recipe knows how to hand a port to what a script of package.json would start without.
_APPS: tuple[Callable[[str], Found], ...] = (_procfile, _by_recipes, _package_json)


def _compose(root: str) -> Found:
    from homeport.wire.declaration import compose
    from homeport.wire.declared import COMPOSE_FILES

    for name in files_among(root, COMPOSE_FILES):
        data = read_declaration(os.path.join(root, name)) or b""
        recipes = list(_recipes())
        images = {image: recipe.name for recipe in recipes for image in recipe.images}
        options = {recipe.name: dict(recipe.options) for recipe in recipes}
        services, notes = compose.services(data, name, root, images, options)
        return Found(services, (name,) if services else (), notes)
    return Found()


def _joined(apps: Found, databases: Found) -> Found:
    """Both, each of the apps needing each of the databases, for it is theirs."""
    taken = {label(service.name) for service in apps.services}
    more = tuple(each for each in databases.services if label(each.name) not in taken)
    names = tuple(each.name for each in more)
    needing = tuple(
        each._replace(needs=tuple(dict.fromkeys((*each.needs, *names)))) for each in apps.services
    )
    # What compose would build or run is in good hands where the project says it in another file.
    own = {service.name for service in apps.services}
    notes = [note for note in databases.notes if note.partition(" ")[0] not in own]
    return Found(
        with_implied_needs((*needing, *more), ()),
        tuple(dict.fromkeys((*apps.sources, *databases.sources))),
        (*apps.notes, *notes),
        apps.env_files,
    )


def _dotenv(
    root: str, named: tuple[str, ...] | None
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The variables of `.env`, or of the files that are named instead, and sentences about them."""
    found: list[tuple[str, str]] = []
    notes: list[str] = []
    for name in (".env",) if named is None else named:
        if name == os.devnull:
            continue  # which says that there are none
        data = read_declaration(os.path.join(root, name))
        if data is not None:
            from homeport.wire.declaration.dotenv import variables

            read, more = variables(data, name)
            found += read
            notes += more
        elif named:
            notes.append(f"{name} is left out: there is no such file")
    return tuple(found), tuple(notes)
