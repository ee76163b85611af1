from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from homeport.report.ls_json import ls_json, valid
from tests.report.samples import EVERYTHING, EVIL_NAME
from tests.schemas import validate

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "ls-1.json").read_text("utf-8"))


def document(**options: bool) -> dict[str, Any]:
    text = "\n".join(ls_json(EVERYTHING, **options))
    # RFC 8259, 8.1: other programs refuse what is not Unicode.
    text.encode("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    json.dumps(loaded, ensure_ascii=False).encode("utf-8")
    return loaded


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("connections", [True, False])
@pytest.mark.parametrize("unix", [True, False])
def test_everything_is_as_the_schema_says(connections: bool, unix: bool) -> None:  # noqa: FBT001  (parameters of the test)
    loaded = document(connections=connections, unix=unix)
    validate(loaded, SCHEMA)
    assert ("connections" in loaded) is connections
    assert ("unix_listeners" in loaded) is unix


def test_nothing_at_all_is_a_document_too() -> None:
    nothing = EVERYTHING._replace(listeners=(), namespaces=(), limits=())
    loaded = json.loads("\n".join(ls_json(nothing)))
    validate(loaded, SCHEMA)
    assert loaded["listeners"] == []


def test_the_schema_refuses_what_is_wrong() -> None:
    loaded = document()
    loaded["listeners"][0]["certainty"] = "maybe"
    with pytest.raises(ValidationError):
        validate(loaded, SCHEMA)


def test_a_listener_has_what_programs_rely_on() -> None:
    found = document()["listeners"][0]
    owner = found["owners"][0]
    wanted = (
        "transport address port scope port_class service_name netns v6only queue backlog uid user "
        "certainty owners identity"
    )
    assert set(wanted.split()) <= set(found)
    assert (found["address"], found["port"], found["identity"]) == ("127.0.0.1", 5173, None)
    wanted = "pid started name argv exe cwd user project unit container ancestry"
    assert set(wanted.split()) <= set(owner)
    assert owner["started"] == "2027-01-15T07:57:00.000Z"
    assert owner["project"]["branch"] == "feature/cart"
    assert [each["pid"] for each in owner["ancestry"]] == [700, 1]


def test_bytes_that_are_no_text_are_written_as_escapes() -> None:
    (evil,) = [each for each in document()["listeners"] if each["port"] == 9000]
    assert evil["owners"][0]["name"] == "ev\x1b[31mil\n\u202e\\xff"
    assert valid("größe") == "größe"
    assert EVIL_NAME.endswith("\udcff")


def test_what_stands_behind_is_there() -> None:
    (proxied,) = [each for each in document()["listeners"] if each["port"] == 8080]
    assert proxied["behind"]["endpoint"]["address"] == "172.17.0.2"
    assert proxied["behind"]["container"]["runtime"] == "docker"


def test_a_connection_without_a_socket_has_no_inode() -> None:
    closed = document(connections=True)["connections"][2]
    assert (closed["state"], closed["inode"]) == ("TIME-WAIT", None)
