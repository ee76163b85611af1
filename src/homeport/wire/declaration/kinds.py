"""What kinds of values a field may have: how each is read, told of, and put into JSON Schema.

A reader notes what is wrong and gives None; it never stops the reading of the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from homeport.wire.declaration.toml_places import Path


class Noted(NamedTuple):
    """A mistake as it was noticed: `path` is where, `at_key` when the key itself is wrong."""

    path: Path
    what: str
    meant: str | None
    at_key: bool


class Mistakes:
    """Collects everything that is wrong."""

    def __init__(self) -> None:
        self.found: list[Noted] = []

    def add(self, path: Path, what: str, meant: str | None = None, *, at_key: bool = False) -> None:
        """Notes one thing that is wrong."""
        self.found.append(Noted(path, what, meant, at_key))

    def near(self, word: str, known: Iterable[str]) -> str | None:
        """Which word was meant; after many mistakes nobody asks, and it would take long."""
        return nearest(word, known) if len(self.found) < _MOST_HELPED else None


class Kind(NamedTuple):
    """A kind of value: what it is `called` in a sentence, an `example` in TOML, how it is read."""

    called: str
    example: str
    schema: dict[str, Any]
    read: Callable[[object, Path, Mistakes], Any]


class Field(NamedTuple):
    """A key of a table: `what` it says, and what holds without it (`usual`)."""

    name: str
    kind: Kind
    what: str
    usual: str = ""
    required: bool = False


class Refused(Exception):
    """A value is not of its kind; the text says why, empty where the kind says it all."""


_LONGEST_WORD, _MOST_HELPED = 64, 50
_FOUND = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}


def dotted(path: Path) -> str:
    """A path as people write it: `services.web.needs[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Which of the known words was meant, as a question; None where none is near."""
    from difflib import get_close_matches

    word, known = word[:_LONGEST_WORD], list(known)
    near = [each for each in known if sorted(each.lower()) == sorted(word.lower())]
    near = near or get_close_matches(word, known, 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else None


def found(value: object) -> str:
    """What a value is, in a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FOUND.get(type(value), "a date or time")


def one(
    called: str, example: str, schema: dict[str, Any], convert: Callable[[object], object]
) -> Kind:
    """A kind whose reading is one conversion, which raises `Refused`."""

    def read(value: object, path: Path, mistakes: Mistakes) -> object:
        try:
            return convert(value)
        except Refused as refused:
            why = str(refused) or f"is {called}, not {found(value)}"
            mistakes.add(path, f"{dotted(path)} {why}", f"for example: {_assigned(path, example)}")
            return None

    return Kind(called, example, schema, read)


def _assigned(path: Path, example: str) -> str:
    return f"{path[-1]} = {example}" if isinstance(path[-1], str) else example


def text_of(value: object) -> str:
    """A text that can be an argument or a variable of a process."""
    if not isinstance(value, str):
        raise Refused
    if not value.strip():
        raise Refused("is empty")
    if "\0" in value:
        raise Refused("has a NUL in it, which no program could be given")
    return value


def text(example: str) -> Kind:
    """Any text that is not empty."""
    return one("a text", example, {"type": "string", "pattern": r"\S"}, text_of)


def chosen(called: str, example: str, choices: Sequence[str]) -> Kind:
    """One of a few words."""

    def convert(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        if not isinstance(value, str):
            raise Refused
        raise Refused(f"is {either(choices)}, not {value[:_LONGEST_WORD]!r}")

    return one(called, example, {"type": "string", "enum": list(choices)}, convert)


def either(choices: Sequence[str]) -> str:
    """Choices in a sentence: `"a", "b" or "c"`."""
    quoted = [f'"{each}"' for each in choices]
    return " or ".join((", ".join(quoted[:-1]), quoted[-1])) if len(quoted) > 1 else quoted[0]


def matching(called: str, example: str, pattern: str, why: str) -> Kind:
    """A text of a certain form; `why` is what is wrong with any other."""
    compiled = re.compile(pattern)

    def convert(value: object) -> str:
        if compiled.fullmatch(word := text_of(value)) is None:
            raise Refused(why)
        return word

    return one(called, example, {"type": "string", "pattern": f"^(?:{pattern})$"}, convert)


def number(called: str, example: str, *, least: int, most: int) -> Kind:
    """A whole number within bounds."""

    def convert(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused
        if not least <= value <= most:
            raise Refused(f"is {called}, not {str(value)[:_LONGEST_WORD]}")
        return value

    return one(called, example, {"type": "integer", "minimum": least, "maximum": most}, convert)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused
    return value


BOOLEAN = one("true or false", "true", {"type": "boolean"}, _boolean)


def _port(value: object) -> int | bool:
    if value is False:
        return False
    if not isinstance(value, int) or value is True:
        raise Refused
    if not 1 <= value <= 65535:
        raise Refused(f"is a port from 1 to 65535, not {str(value)[:_LONGEST_WORD]}")
    return value


PORT = one(
    "a port, or false for what listens nowhere",
    "8000",
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"const": False}]},
    _port,
)


def _processors(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused
    if not 0 < value <= 4096:
        raise Refused("is a number of processors above 0")
    return float(value)


PROCESSORS = one(
    "a number of processors",
    "1.5",
    {"type": "number", "exclusiveMinimum": 0, "maximum": 4096},
    _processors,
)

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_UNITS_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS_BYTES |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,3})?"
_DURATION = f"({_NUMBER}) ?(ms|s|m|h)"
_SIZE = f"({_NUMBER}) ?([KMGT]i?B|B)"


def _measure(pattern: str, units: Mapping[str, int], why: str) -> Callable[[object], int]:
    compiled = re.compile(pattern)

    def convert(value: object) -> int:
        parts = compiled.fullmatch(text_of(value))
        if parts is None:
            raise Refused(why)
        # In whole thousandths: 0.1 has no exact float.
        whole, _, rest = parts[1].partition(".")
        thousandths = int(whole) * 1000 + int(rest.ljust(3, "0") or 0)
        return thousandths * units[parts[2]] // 1000

    return convert


_duration = _measure(_DURATION, _UNITS_MS, "is no duration: a number and ms, s, m or h")
_size = _measure(_SIZE, _UNITS_BYTES, "is no size: a number and B, KB, MB, GB, KiB, MiB or GiB")

DURATION = one("a duration", '"30s"', {"type": "string", "pattern": f"^{_DURATION}$"}, _duration)
SIZE = one("a size", '"512MB"', {"type": "string", "pattern": f"^{_SIZE}$"}, _size)


def _variable(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise Refused
    if "\0" in value:
        raise Refused("has a NUL in it, which no program could be given")
    return value


SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
SETTING = one("a text, a number, true or false", '"16"', SCALAR, _variable)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _environment(value: object, path: Path, mistakes: Mistakes) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        what = f"{dotted(path)} is a table of variables, not {found(value)}"
        mistakes.add(path, what, f"for example: {path[-1]} = {{ DEBUG = true }}")
        return ()
    kept = []
    for name, entry in value.items():
        if _NAME.fullmatch(name) is None:
            what = f"{name[:_LONGEST_WORD]!r} is no name of a variable"
            mistakes.add((*path, name), what, "letters, digits and _ are", at_key=True)
        elif (read := SETTING.read(entry, (*path, name), mistakes)) is not None:
            kept.append((name, read))
    return tuple(kept)


ENVIRONMENT = Kind(
    "a table of variables",
    '{ DEBUG = true, DATABASE_URL = "${db.url}" }',
    {
        "type": "object",
        "additionalProperties": SCALAR,
        "propertyNames": {"pattern": f"^{_NAME.pattern}$"},
    },
    _environment,
)


def several(of: Kind, called: str, example: str) -> Kind:
    """A list of values of one kind."""

    def read(value: object, path: Path, mistakes: Mistakes) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            what = f"{dotted(path)} is {called}, not {found(value)}"
            mistakes.add(path, what, f"for example: {_assigned(path, example)}")
            return None
        read = [of.read(each, (*path, index), mistakes) for index, each in enumerate(value)]
        return tuple(dict.fromkeys(each for each in read if each is not None))

    return Kind(called, example, {"type": "array", "items": of.schema}, read)


def read_table(
    fields: Sequence[Field],
    value: object,
    path: Path,
    mistakes: Mistakes,
    *,
    also: Iterable[str] = (),
) -> dict[str, Any]:
    """What the known fields of a table say; `also` are keys that somebody else reads."""
    if not isinstance(value, dict):
        mistakes.add(path, f"{dotted(path)} is a table, not {found(value)}")
        return {}
    names = (*(field.name for field in fields), *also)
    for key in value:
        if key not in names:
            place = f"{dotted(path)} has" if path else "there is"
            what = f"{place} no `{key[:_LONGEST_WORD]}`"
            mistakes.add((*path, key), what, mistakes.near(key, names) or _all(names), at_key=True)
    for field in fields:
        if field.required and field.name not in value:
            mistakes.add(path, f"{dotted(path)} has to have `{field.name}`")
    return {
        field.name: read
        for field in fields
        if field.name in value
        for read in (field.kind.read(value[field.name], (*path, field.name), mistakes),)
        if read is not None
    }


def _all(names: Sequence[str]) -> str:
    return f"it may have: {', '.join(names)}"


def table(fields: Sequence[Field], called: str, example: str) -> Kind:
    """A table of fields; reads as a dictionary."""

    def read(value: object, path: Path, mistakes: Mistakes) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            what = f"{dotted(path)} is {called}, not {found(value)}"
            mistakes.add(path, what, f"for example: {_assigned(path, example)}")
            return None
        return read_table(fields, value, path, mistakes)

    return Kind(called, example, object_schema(fields), read)


def object_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """The JSON Schema of a table."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: described(field) for field in fields},
        "additionalProperties": False,
    }
    required = [field.name for field in fields if field.required]
    return {**schema, "required": required} if required else schema


def described(field: Field) -> dict[str, Any]:
    """The schema of a field, with what editors show for it."""
    usual = f" Without it: {field.usual}." if field.usual else ""
    return {"description": f"{field.what}{usual}", **field.kind.schema}
