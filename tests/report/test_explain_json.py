from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from homeport.report.explain_json import explain_json
from tests.report.samples import EVERYTHING
from tests.report.test_explain_text import PAST, QUESTIONS
from tests.schemas import validate
from tests.see.explain.explaining import FACTS, told

PLACE = files("homeport.report").joinpath("schemas")
SCHEMA = json.loads(PLACE.joinpath("explain-1.json").read_text("utf-8"))


def document(question: str) -> dict[str, Any]:
    text = explain_json(told(question, EVERYTHING, FACTS._replace(history=PAST)))
    loaded: dict[str, Any] = json.loads(text)
    # RFC 8259, 8.1: other programs refuse what is not Unicode.
    json.dumps(loaded, ensure_ascii=False).encode("utf-8")
    return loaded


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_explanation_is_as_the_schema_says(question: str) -> None:
    validate(document(question), SCHEMA)


def test_without_what_a_system_may_not_tell() -> None:
    facts = FACTS._replace(policy=None, services=None, addresses=())
    loaded = json.loads(explain_json(told("5432", EVERYTHING, facts)))
    validate(loaded, SCHEMA)
    assert loaded["port"]["registered"] is None
    assert loaded["port"]["assigned_from"] is None
    assert loaded["history"] is None


def test_the_schema_refuses_what_is_wrong() -> None:
    loaded = document("5432")
    loaded["binding"][0]["plain"] = "perhaps"
    with pytest.raises(ValidationError):
        validate(loaded, SCHEMA)


def test_what_programs_rely_on() -> None:
    loaded = document("ECONNREFUSED ::1:5432")
    assert loaded["schema"] == "homeport/explain@1"
    assert loaded["subject"]["target"]["port"] == 5432
    assert loaded["subject"]["symptom"] == "connection refused"
    assert loaded["listeners"][0]["relation"] == "on the other family"
    assert loaded["listeners"][0]["owners"][0]["pid"] == 300
    assert loaded["port"]["class"] == "user"
    assert loaded["port"]["assigned_from"] == [32768, 60999]
    assert loaded["history"][0]["name"] == "postgres"
    assert loaded["next_steps"][0]["command"] == "psql -h 127.0.0.1 -p 5432"


def test_shared_parts_are_those_of_ls() -> None:
    ls = json.loads(PLACE.joinpath("ls-1.json").read_text("utf-8"))
    for name in ("listener", "connection", "owner", "ancestor", "project", "container", "behind"):
        assert SCHEMA["$defs"][name] == ls["$defs"][name], name
