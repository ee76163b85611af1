"""Procfiles, by the conventions of foreman and honcho: `name: command`, run by sh.

Every process is given PORT. One of them listens there if it is called `web` or its command speaks
of PORT; a command that names a port of its own listens on that.
"""

from __future__ import annotations

import re

from homeport.model.mistake import BadDeclaration, Mistake
from homeport.model.record import NamedTuple
from homeport.model.service import Check, CheckKind, Service
from homeport.wire.declaration.foreman_options import NAME, count
from homeport.wire.declaration.labels import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.wire.declaration.foreman_options import Formation

NAMES = ("Procfile.dev", "Procfile")
"""The files, that for development first."""


class Process(NamedTuple):
    """A line of a Procfile; `line` counts from 1."""

    name: str
    command: str
    line: int


_LINE = re.compile(r"\r\n|\r|\n")
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_PLACE = re.compile(r"(?:(?:tcp|ssl|https?)://)?(?:[^/]*:)?([0-9]{2,5})(?:[/?].*)?")
_PORT_OPTIONS = ("--port", "--bind", "--listen", "-p", "-b", "PORT", "runserver")
_BEFORE_A_PORT = ("0.0.0.0:", "127.0.0.1:", "localhost:")
_USES_PORT = re.compile(r"\$PORT\b|\$\{PORT\b")
_WEB = "web"


def processes(data: bytes) -> list[Process]:
    """Every line that is one. It begins where the line does, as for foreman and honcho."""
    return [
        Process(found[1], found[2], number)
        for number, line in enumerate(_lines(data), 1)
        if (found := _PROCESS.fullmatch(line.rstrip()))
    ]


def _lines(data: bytes) -> list[str]:
    return _LINE.split(data.decode("utf-8-sig", "replace"))


def services(
    data: bytes, source: str, root: str, formation: Formation = None
) -> tuple[tuple[Service, ...], tuple[str, ...]]:
    """What a Procfile runs in a directory, and sentences about what it does not.

    `formation` is that of `.foreman`. Raises `BadDeclaration` where a name stands there twice.
    """
    found = [each for each in processes(data) if count(formation, each.name)]
    _refuse_doubles(found, source)
    made = _one_for_each_port([_service(each, source, root) for each in found])
    return made, (*_not_read(data, source), *_not_in_formation(data, formation))


def _one_for_each_port(found: list[Service]) -> tuple[Service, ...]:
    """Where several lines name one port, who listens there is `web`, else the first of them.

    `PORT=3000` before a worker is only for the addresses that it writes into mails.
    """
    listens: dict[int, Service] = {}
    for each in sorted(found, key=lambda each: each.name != _WEB):
        if each.port is not None:
            listens.setdefault(each.port, each)
    return tuple(
        each
        if each.port is None or listens[each.port] is each
        else each._replace(port=None, has_port=False, ready=Check(CheckKind.NOTHING))
        for each in found
    )


def _not_in_formation(data: bytes, formation: Formation) -> Iterator[str]:
    names = list(dict.fromkeys(each.name for each in processes(data)))
    if none := [name for name in names if count(formation, name) == 0]:
        yield f"{NAME} leaves out {', '.join(none)}"
    for name in names:
        if (wanted := count(formation, name)) > 1:
            yield f"{name} runs once, though {NAME} says {wanted} times"


def _refuse_doubles(found: list[Process], source: str) -> None:
    first: dict[str, Process] = {}
    mistakes = []
    for each in found:
        other = first.setdefault(label(each.name), each)
        if other is not each:
            what = f"{each.name} has the same host name as line {other.line}: {label(each.name)}"
            text = f"{each.name}: {each.command}"
            mistakes.append(Mistake(source, what, "rename one of them", each.line, 1, text))
    if mistakes:
        raise BadDeclaration(mistakes)


def _not_read(data: bytes, source: str) -> Iterator[str]:
    read = {each.line for each in processes(data)}
    for number, line in enumerate(_lines(data), 1):
        if number not in read and line.strip() and not line.lstrip().startswith("#"):
            yield f"{source}:{number} is left out: it is not of the form `name: command`"


def _service(process: Process, source: str, root: str) -> Service:
    given = _USES_PORT.search(process.command) is not None
    port = None if given else port_named_by(process.command)
    has_port = given or port is not None or process.name == _WEB
    return Service(
        name=process.name,
        directory=root,
        source=f"{source}:{process.line}",
        run=process.command,
        port=port,
        has_port=has_port,
        ready=None if has_port else Check(CheckKind.NOTHING),
    )


def port_named_by(command: str) -> int | None:
    """The port on which a command says that it will listen: `--port 8000`, `-b :8000`."""
    words = [word.strip("'\"") for word in command.split()]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        place = _PLACE.fullmatch(_place_in(word, following))
        if place is not None and (port := port_number(place[1])):
            return port
    return None


def _place_in(word: str, following: str) -> str:
    """Where a word of a command says that it will listen; empty where it says nothing."""
    name, equals, value = word.partition("=")
    if word in _PORT_OPTIONS:
        return following
    if word[:2] in ("-p", "-b"):
        return word[2:]
    if word.startswith(_BEFORE_A_PORT):
        return word
    return value if equals and name in _PORT_OPTIONS else ""


def port_number(value: object) -> int | None:
    """A port that can be, from a number or its text."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 0 < number <= 65535 else None
