"""What the recipes of web servers share: a manner made into a launch, and what is told of it.

Whatever the project itself says of addresses, the launch says loopback, where it wins.
"""

from __future__ import annotations

import re

from homeport.model.service import Check, CheckKind, Launch, Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place
    from homeport.run.recipes.contract import Manner

ANSWERS = Check(CheckKind.HTTP)
"""Ready once a request is answered at all: for servers that listen before they can answer."""

A_PORT = r"(?:\d{2,5}|\$(?:PORT|\{PORT[^{}\s]*\}))"
"""A port, as it stands in command lines: `8000`, `$PORT`, `${PORT:-8000}`."""

SCHEME = "http"


def launched(
    place: Place,
    manner: Manner,
    argv: tuple[str, ...],
    env: tuple[tuple[str, str], ...] = (),
) -> Launch:
    """The launch of a program that is told where to listen in its manner."""
    position = _filled(manner.positional, place).split() if manner.position else ()
    told = tuple(_filled(each, place) for each in manner.arguments)
    return served(
        place,
        Launch(
            argv=(*argv, *position, *told),
            env=(*told_by_env(place, manner), *env),
            hold=manner.hold,
            ready=manner.ready or Check(),
        ),
    )


def told_by_env(place: Place, manner: Manner) -> tuple[tuple[str, str], ...]:
    """The variables by which a program is told where to listen."""
    return tuple((name, _filled(value, place)) for name, value in manner.env)


def appended(place: Place, manner: Manner, line: str) -> str:
    """A command line for `sh`, with what tells its program where to listen."""
    told = [_filled(each, place) for each in manner.arguments]
    if manner.position:
        value = _filled(manner.positional, place)
        line, replaced = _replaced(manner, line, value)
        told = told if replaced else [value, *told]
    return " ".join([line, *told])


def _replaced(manner: Manner, line: str, value: str) -> tuple[str, bool]:
    """The line with its address replaced, and whether there was one.

    An option may stand there more than once, and the last would not win but be one more address.
    """
    start = re.search(_alternatives(manner.subcommands or manner.programs) + r"(?=\s)", line)
    if start is None:
        return line, False
    pattern = rf"\s+(?:{manner.position})(?=\s|$)"
    before, after = line[: start.end()], line[start.end() :]
    changed, count = re.subn(pattern, lambda _: f" {value}", after, count=1)
    if count and value.startswith("-"):
        first = changed.index(value) + len(value)
        changed = changed[:first] + re.sub(pattern, "", changed[first:])
    return before + changed, count > 0


def _alternatives(words: tuple[str, ...]) -> str:
    return rf"(?<![^\s/])(?:{'|'.join(map(re.escape, words))})"


def _filled(text: str, place: Place) -> str:
    return text.replace("{host}", place.address).replace("{port}", str(place.port))


def served(place: Place, launch: Launch) -> Launch:
    """A launch with what is told of a web service, to itself and to others."""
    url = f"{SCHEME}://{place.address}:{place.port}"
    return launch._replace(
        scheme=SCHEME,
        env=(*conventions(place), *launch.env),
        facts=(("url", url), ("host", place.address), ("port", str(place.port))),
        exports=((f"{variable_of(place.service.name)}_URL", url),),
    )


def conventions(place: Place) -> tuple[tuple[str, str], ...]:
    """The variables by which programs of all kinds are told where to listen."""
    return (("HOST", place.address), ("PORT", str(place.port)), ("PYTHONUNBUFFERED", "1"))


def variable_of(name: str) -> str:
    """A service's name as a part of a variable's: `my-api` is `MY_API`."""
    made = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "WEB"
    return f"_{made}" if made[0].isdigit() else made


def found(
    directory: str, file: str, recipe: str, options: tuple[tuple[str, str], ...] = ()
) -> Service:
    """The service that a recipe has found in a directory by one of its files."""
    return Service(name="web", directory=directory, source=file, recipe=recipe, options=options)
