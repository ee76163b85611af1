"""The JSON Schema that editors use, held against what the reader accepts."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest

from homeport.model.mistake import BadDeclaration
from homeport.wire.declaration import fields
from homeport.wire.declaration.fields import schema
from homeport.wire.declaration.homeport_toml import parse
from tests.wire.declaration.test_homeport_toml import GOLDEN, RECIPES

if TYPE_CHECKING:
    from homeport.wire.declaration.kinds import Field

SCHEMA = schema(RECIPES)
SYNTAX = {"invalid value", "unterminated string", "cannot overwrite a value"}
BEYOND = (
    "there is no service", "services need each other", "has no regular expression",
    "would have the same host name", "needs a port", "is not run here",
)  # fmt: skip
"""What no schema can say: it knows nothing of other places in the file."""


def is_valid(text: str) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(tomllib.loads(text))


def is_read(text: str) -> bool:
    try:
        parse(text.encode(), root="/x", project="x", recipes=RECIPES)
    except BadDeclaration:
        return False
    return True


def test_the_shipped_schema_is_up_to_date() -> None:
    from tools.toml_schema import text

    file = files("homeport.report").joinpath("schemas", "homeport-toml-1.json")
    assert file.read_text("utf-8") == text(), "run: python tools/toml_schema.py"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(schema({}))


@pytest.mark.parametrize(("text", "what"), [(text, what) for text, _, what, _ in GOLDEN])
def test_a_mistake_is_one_by_the_schema_too(text: str, what: str) -> None:
    if what in SYNTAX or what.startswith("expected"):
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(text)
    else:
        assert is_valid(text) == any(part in what for part in BEYOND)


def examples() -> list[tuple[str, Field]]:
    more: tuple[Field, ...]
    found = [(f"services.web.{each.name}", each) for each in fields.SERVICE]
    for table, more in (("limits", fields.LIMITS), ("stop", fields.STOP)):
        found += [(f"services.web.{table}.{each.name}", each) for each in more]
    for check, more in (("ready", fields.READY_TABLE), ("health", fields.HEALTH_TABLE)):
        found += [(f"services.web.{check}.{each.name}", each) for each in more]
    return found


@pytest.mark.parametrize(("path", "field"), examples(), ids=[path for path, _ in examples()])
def test_the_example_of_each_field_is_right(path: str, field: Field) -> None:
    lines = [f"{path} = {field.kind.example}"]
    lines += ["services.web.run = 'x'"] * (field.name != "run")
    lines += ["services.web.ready.check = 'tcp'"] * path.startswith("services.web.ready.")
    lines += ["services.web.health.check = 'tcp'"] * path.startswith("services.web.health.")
    lines += ["services.db.recipe = 'postgresql'", "services.db.version = 16"]
    text = "\n".join(lines)
    assert is_read(text)
    assert is_valid(text)


VALUES = [
    "1", "0", "-1", "65536", "1.5", "-0.5", "true", "false", '""', '"x"', '" "', "[]", "['x']",
    "[1]", "['X y']", "{}", "{A = 1}", "{A = []}", "{'a b' = 1}", "1979-05-27", '"tcp"',
    '"nothing"', '"http:/x"', '"http:x"', '"log:x"', '"cmd:x"', '"cmd: "', '"5s"', '"5"', '"5 m"',
    '"1.5GB"', '"1.5gb"', '"TERM"', '"SIGTERM"', '"STOP"', '"always"', "{check = 'tcp'}",
    "{check = 'x'}", "{check = 'tcp', timeout = 5}", "{check = 'tcp', timeout = '5s'}",
    "{check = 'tcp', failures = 0}", "{timeout = '5s'}", "{memory = '1GB'}", "{memory = 1}",
    "{cpus = 0}", "{cpus = 1}", "{signal = 'INT'}", "{time = '1s', signal = 'X'}", "{x = 1}",
]  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields.SERVICE])
def test_both_accept_the_same_values(field: str) -> None:
    for value in VALUES:
        text = f"services.web.{field} = {value}\nservices.x.run = 'x'\n"
        text += "services.web.run = 'x'\n" if field != "run" else ""
        if field == "recipe" or (field, value) == ("port", "false"):
            continue
        wanted = is_valid(text)
        if field == "needs" and value == "['x']":
            wanted = True
        assert is_read(text) == wanted, text


IN_TABLES = [
    "limits.memory",
    "limits.cpus",
    "limits.processes",
    "stop.time",
    "stop.signal",
    "ready.timeout",
    "health.interval",
]


@pytest.mark.parametrize("field", IN_TABLES)
def test_both_accept_the_same_values_in_tables(field: str) -> None:
    for value in VALUES:
        text = f"services.web.{field} = {value}\nservices.web.run = 'x'\n"
        check = field.partition(".")[0]
        text += f"services.web.{check}.check = 'tcp'\n" if check in ("ready", "health") else ""
        assert is_read(text) == is_valid(text), text
