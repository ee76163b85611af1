"""homeport.toml -> the services that it declares, or all of its mistakes, each with its place."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from homeport.model.mistake import BadDeclaration, Mistake
from homeport.model.service import Check, CheckKind, Declaration, Limits, Restart, Service
from homeport.wire.declaration import fields, kinds
from homeport.wire.declaration.kinds import Mistakes, dotted, found, read_table
from homeport.wire.declaration.labels import label
from homeport.wire.declaration.order import cycle_in, with_implied_needs
from homeport.wire.declaration.toml_places import Lines, is_too_deep, places
from homeport.wire.references import references_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from homeport.wire.declaration.kinds import Noted
    from homeport.wire.declaration.toml_places import Path, Place

NAME = "homeport.toml"
_FIELDS = frozenset(field.name for field in fields.SERVICE)
_NEVER_OPTIONS = _FIELDS - {"user"}
"""A database's `user` is the one within it; everything else means the same in every service."""

_PLACE_OF_SYNTAX = re.compile(r"(.*?) \(at line ([0-9]+), column ([0-9]+)\)", re.DOTALL)
_MOST_TOLD = 400
_NOTHING = Check(CheckKind.NOTHING)


def parse(
    data: bytes,
    *,
    root: str,
    project: str,
    recipes: Mapping[str, Mapping[str, str]],
    source: str = NAME,
) -> Declaration:
    """What the file declares; raises `BadDeclaration`.

    `root` is its directory, absolute; `project` the label without a name in the file; `recipes`
    gives the options that each recipe takes, and what they do.
    """
    text = _decoded(data, source)
    document = _document(text, source)
    where = places(text)
    reader = _Reader(root, source, recipes, where, Lines(text))
    declaration = reader.declaration(document, project)
    if reader.mistakes.found:
        raise BadDeclaration(reader.told())
    return declaration


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"the byte {data[error.start]:#04x} is no UTF-8"
        raise BadDeclaration([Mistake(source, what, "save the file as UTF-8", line)]) from None


def _document(text: str, source: str) -> dict[str, Any]:
    import tomllib

    if is_too_deep(text):
        raise BadDeclaration([Mistake(source, "a key has too many parts")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDeclaration([_syntax(str(error), text, source)]) from None
    except (RecursionError, ValueError) as error:
        # A number of thousands of digits is no TOML error, but a ValueError of int().
        nested = isinstance(error, RecursionError)
        what = "it is nested too deeply" if nested else str(error).partition(";")[0]
        raise BadDeclaration([Mistake(source, what)]) from None


def _syntax(told: str, text: str, source: str) -> Mistake:
    parts = _PLACE_OF_SYNTAX.fullmatch(told)
    if parts is None:
        line = text.rstrip().count("\n") + 1
        shown = text.rstrip().rpartition("\n")[2]
        what = told.removesuffix(" (at end of document)")
        return Mistake(source, _lowered(what), _HELP.get(what), line, len(shown) + 1, shown)
    line, column = int(parts[2]), int(parts[3])
    shown = text.replace("\r\n", "\n").split("\n")[line - 1]
    return Mistake(source, _lowered(parts[1]), _HELP.get(parts[1]), line, column, shown)


_HELP = {
    "Invalid value": 'texts stand in quotes: name = "value"',
    "Invalid statement": 'a line is a table, [services.web], or: name = "value"',
    "Expected '=' after a key in a key/value pair": 'name = "value"',
    "Cannot overwrite a value": "this key stands there twice",
    "Illegal character '\\n'": "the quotes are not closed in this line",
    "Unterminated string": "the quotes are not closed",
    "Expected ']' at the end of a table declaration": "a table begins with [services.web]",
    "Cannot declare ('services',) twice": "each table stands there once",
}


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        root: str,
        source: str,
        recipes: Mapping[str, Mapping[str, str]],
        where: Mapping[Path, Place],
        lines: Lines,
    ) -> None:
        self.mistakes = Mistakes()
        self._root = root
        self._source = source
        self._recipes = recipes
        self._where = where
        self._lines = lines

    def declaration(self, document: dict[str, Any], project: str) -> Declaration:
        """Everything in it, as far as it can be read."""
        for key in document:
            if key not in fields.TOP:
                meant = self.mistakes.near(key, fields.TOP) or "it may have: project, env, services"
                what = f"there is no table `{key[:64]}`"
                self.mistakes.add((key,), what, meant, at_key=True)
        own = read_table(fields.PROJECT, document.get("project", {}), ("project",), self.mistakes)
        everywhere = kinds.ENVIRONMENT.read(document.get("env", {}), ("env",), self.mistakes)
        tables = self._tables(document.get("services"))
        services = [
            self._service(name, table) for name, table in tables.items() if _is_run_here(table)
        ]
        joined = self._joined(services, tables, everywhere)
        return Declaration(
            root=self._root,
            name=label(own["name"]) if "name" in own else project,
            branch=None,
            source=self._source,
            services=joined,
            env=everywhere,
            notes=tuple(
                _left_out(name) for name, table in tables.items() if not _is_run_here(table)
            ),
        )

    def _tables(self, services: object) -> dict[str, dict[str, Any]]:
        if services is None:
            if not self.mistakes.found:  # else `services` may be what was misspelt
                meant = 'for example: [services.web] run = "…"'
                self.mistakes.add((), "it declares no services", meant)
            return {}
        if not isinstance(services, dict):
            what = f"services is a table of services, not {found(services)}"
            self.mistakes.add(("services",), what, "a service begins with [services.NAME]")
            return {}
        tables = {}
        for name, table in services.items():
            path = ("services", name)
            if re.fullmatch(fields.SERVICE_NAME, name) is None:
                what = f"{name[:64]!r} is no name of a service"
                meant = "letters, digits, _ and - are, 63 at most"
                self.mistakes.add(path, what, meant, at_key=True)
            elif isinstance(table, dict):
                tables[name] = table
            else:
                what = f"services.{name} is a table, not {found(table)}"
                meant = f'for example: [services.{name}] run = "…"'
                self.mistakes.add(path, what, meant, at_key=True)
        return tables

    def _service(self, name: str, table: dict[str, Any]) -> Service:
        path = ("services", name)
        options = self._options(path, table)
        own = [field for field in fields.SERVICE if field.name not in options]
        given = read_table(own, table, path, self.mistakes, also=options)
        if not {"run", "recipe"} & table.keys():
            meant = f'recipe = "{name}"' if name in self._recipes else 'for example: run = "…"'
            what = f"{dotted(path)} says neither `run` nor `recipe`"
            self.mistakes.add(path, what, meant, at_key=True)
        self._without_port(path, given)
        plain = {key: given[key] for key in _PLAIN_FIELDS & given.keys()}
        return Service(
            name=name,
            source=self._source_of(path),
            options=tuple(
                (key, kept)
                for key in options
                if key in table
                and (kept := kinds.SETTING.read(table[key], (*path, key), self.mistakes))
                is not None
            ),
            **plain,
            **_converted(given, self._root),
        )

    def _without_port(self, path: Path, given: Mapping[str, Any]) -> None:
        """What listens nowhere cannot be asked anything."""
        if given.get("port") is not False:
            return
        asked = [
            key
            for key in ("ready", "health")
            if key in given and given[key].kind in {CheckKind.TCP, CheckKind.HTTP}
        ]
        for key in (*asked, *(each for each in ("lazy", "guarded") if given.get(each))):
            what = f"{dotted((*path, key))} needs a port, and there is `port = false`"
            self.mistakes.add((*path, key), what, "take one of the two out", at_key=True)

    def _options(self, path: Path, table: Mapping[str, object]) -> list[str]:
        """The keys that belong to the recipe; every unknown one where nobody knows the recipe."""
        recipe = table.get("recipe")
        if not isinstance(recipe, str):
            return []
        if recipe in self._recipes:
            return [option for option in self._recipes[recipe] if option not in _NEVER_OPTIONS]
        meant = self.mistakes.near(recipe, self._recipes) or _there_are(sorted(self._recipes))
        self.mistakes.add((*path, "recipe"), f"there is no recipe {recipe[:64]!r}", meant)
        return [key for key in table if key not in _FIELDS]

    def _source_of(self, path: Path) -> str:
        place = self._where.get(path)
        return f"{self._source}:{self._lines.at(place.key)[0]}" if place else self._source

    def _joined(
        self,
        services: list[Service],
        tables: Mapping[str, object],
        everywhere: tuple[tuple[str, str], ...],
    ) -> tuple[Service, ...]:
        """The services with all that they need, once that is known to be possible."""
        names = {service.name: None for service in services}
        self._same_labels(names)
        for service in services:
            for index, need in enumerate(service.needs):
                if need not in names:
                    path = ("services", service.name, "needs", index)
                    self._unknown(path, need, names, tables)
            self._check_references(service, names, tables)
        for name, value in everywhere:
            for each in _not_among(names, value):
                self._unknown(("env", name), each, names, tables)
        joined = with_implied_needs(services, everywhere)
        circle = cycle_in({service.name: service.needs for service in joined})
        if circle is not None:
            what = f"services need each other: {' -> '.join(circle)}"
            meant = "take one of these needs out"
            self.mistakes.add(self._need_path(joined, circle), what, meant)
        return joined

    def _need_path(self, services: Iterable[Service], circle: tuple[str, ...]) -> Path:
        path: Path = ("services", circle[0])
        needs = next(each.needs for each in services if each.name == circle[0])
        listed: Path = (*path, "needs", needs.index(circle[1]))
        return listed if listed in self._where else path

    def _same_labels(self, names: Iterable[str]) -> None:
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(label(name), name)
            if other != name:
                what = f"{name} and {other} would have the same host name: {label(name)}"
                self.mistakes.add(("services", name), what, "rename one of them", at_key=True)

    def _check_references(
        self, service: Service, names: Mapping[str, None], tables: Mapping[str, object]
    ) -> None:
        path = ("services", service.name)
        texts: dict[Path, str] = {("env", name): value for name, value in service.env}
        texts[("run",)] = service.run or ""
        texts[("ready",)] = service.ready.value if service.ready else ""
        texts[("health",)] = service.health.value if service.health else ""
        for key, value in texts.items():
            for each in _not_among(names, value):
                self._unknown((*path, *key), each, names, tables)

    def _unknown(
        self, path: Path, name: str, names: Mapping[str, None], tables: Mapping[str, object]
    ) -> None:
        if name in tables:
            what = f"{name} is not run here: it has only a `url`"
            self.mistakes.add(path, what, "give it `run` or `recipe`, or write the URL itself")
            return
        meant = self.mistakes.near(name, names) or _there_are(names)
        self.mistakes.add(path, f"there is no service `{name}`", meant)

    def told(self) -> list[Mistake]:
        """The mistakes with their places, in the order of the file."""
        placed = [(self._offset(noted), noted) for noted in self.mistakes.found]
        return [
            self._told(offset, noted)
            for offset, noted in sorted(placed, key=lambda each: each[0] or 0)
        ]

    def _offset(self, noted: Noted) -> int | None:
        place = self._where.get(noted.path)
        if place is None:
            return None
        return place.key if noted.at_key else place.value

    def _told(self, offset: int | None, noted: Noted) -> Mistake:
        if offset is None:
            return Mistake(self._source, noted.what, noted.meant)
        line, column, text = self._lines.at(offset)
        return Mistake(self._source, noted.what, noted.meant, line, column, text)


def _there_are(names: Iterable[str]) -> str | None:
    told = ", ".join(names)
    return f"there are: {told[:_MOST_TOLD]}" if told else None


def _not_among(names: Mapping[str, None], text: str) -> list[str]:
    return sorted(each for each in references_in(text) if each not in names)


def _is_run_here(table: dict[str, Any]) -> bool:
    return "url" not in table or bool({"run", "recipe"} & table.keys())


def _left_out(name: str) -> str:
    return f"{name} is left out: it has a `url`, so somebody else runs it"


_PLAIN_FIELDS = frozenset(
    ("run", "recipe", "needs", "ready", "health", "env", "names", "user", "lazy", "guarded")
)
"""What is in a `Service` as it is in the file."""


def _converted(given: Mapping[str, Any], root: str) -> dict[str, Any]:
    """What has another form in a `Service`."""
    port = given.get("port")
    directory = posixpath.normpath(posixpath.join(root, given.get("directory", ".")))
    limits, stop = given.get("limits", {}), given.get("stop", {})
    made = {
        "directory": directory,
        "port": port or None,
        "has_port": port is not False,
        "restart": Restart(given.get("restart", Restart.ON_FAILURE)),
        "watch": tuple(posixpath.join(directory, each) for each in given.get("watch", ())),
        "limits": Limits(
            memory_bytes=limits.get("memory"),
            cpus=limits.get("cpus"),
            processes=limits.get("processes"),
            open_files=limits.get("open_files"),
        ),
    }
    if port is False and "ready" not in given:
        made["ready"] = _NOTHING
    if "signal" in stop:
        made["stop_signal"] = stop["signal"].removeprefix("SIG")
    if "time" in stop:
        made["stop_ms"] = stop["time"]
    return made
