from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from homeport.model.ending import Ending, Outcome, Plan, Stage
from homeport.report.kill_text import ending_json, ending_lines, plan_json, plan_lines
from homeport.report.style import Style, columns
from tests.report.samples import EVIL, POSTGRES, VITE, listener
from tests.schemas import validate

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "kill-1.json").read_text("utf-8"))
LISTENER = listener("127.0.0.1", 5173, VITE, EVIL, POSTGRES)
PLAN = Plan(
    "5173", (LISTENER,), (VITE,), (EVIL,), (POSTGRES,), ("shop.service may start it again",)
)


def test_what_would_end_is_shown_with_all_that_belongs_to_it() -> None:
    lines = plan_lines(PLAN, Style())
    assert lines[:4] == [
        "To close tcp 127.0.0.1:5173, this ends:",
        "  node 812 of me, project shop (feature/cart)",
        "    command: node /home/me/shop/node_modules/.bin/vite --port 5173",
        "    started by: systemd 1 → bash 700",
    ]
    assert lines[5:] == [
        "  not postgres 300, which holds it too",
        "  note: shop.service may start it again",
    ]


def test_a_group_that_shares_a_port_is_told_once() -> None:
    group = PLAN._replace(listeners=(LISTENER,) * 3)
    assert plan_lines(group, Style())[0] == "To close tcp 127.0.0.1:5173, this ends:"
    left = ending_lines(Ending(group, (), (LISTENER,) * 3), Style())
    assert len(left) == 1


def test_what_became_of_it() -> None:
    ending = Ending(
        PLAN,
        (Outcome(VITE, Stage.KILLED), Outcome(EVIL, Stage.SURVIVED)),
        (LISTENER._replace(owners=(EVIL, POSTGRES)),),
    )
    lines = ending_lines(ending, Style())
    assert lines[0] == "node 812: killed: it did not end when asked"
    assert lines[1].endswith("666: still there, even after KILL")
    assert lines[2].startswith("tcp 127.0.0.1:5173 is still held by ev")
    assert len(lines) == 3


def test_a_free_endpoint_is_said_to_be_free_and_a_taken_one_taken() -> None:
    outcomes = (Outcome(VITE, Stage.ENDED),)
    assert ending_lines(Ending(PLAN, outcomes, ()), Style())[1] == "tcp 127.0.0.1:5173 is free"
    again = LISTENER._replace(owners=(VITE._replace(pid=999, start_ticks=9999),))
    assert ending_lines(Ending(PLAN, outcomes, (again,)), Style())[1] == (
        "tcp 127.0.0.1:5173 is taken again, by node 999"
    )


@pytest.mark.parametrize("width", [20, 60])
def test_names_cannot_speak_to_the_terminal_and_lines_fit(width: int) -> None:
    style = Style(width, unicode=False)
    plan = Plan("1", (LISTENER,), (EVIL,), (EVIL,), (EVIL,), (EVIL.name or "",))
    lines = plan_lines(plan, style)
    lines += ending_lines(Ending(plan, (Outcome(EVIL, Stage.REFUSED),), (LISTENER,)), style)
    assert all(line.isprintable() and line.isascii() for line in lines)
    assert all(columns(line) <= width for line in lines)


def test_the_documents_are_as_their_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validate(plan_json(PLAN), SCHEMA)
    ending = Ending(PLAN, (Outcome(VITE, Stage.ENDED), Outcome(EVIL, Stage.WAITING)), (LISTENER,))
    document = ending_json(ending)
    validate(document, SCHEMA)
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert document["free"] is False
    assert [each["outcome"] for each in document["processes"]] == ["ended", "left alone"]  # type: ignore[attr-defined]
