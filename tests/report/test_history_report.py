"""The history for people and for programs."""

from __future__ import annotations

import json
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.event import Stretch, Tenancy
from homeport.report.history_json import Limited, history_json
from homeport.report.history_text import history_lines, nobody, summary
from homeport.report.moments import short
from homeport.report.style import Style, columns
from tests.schemas import validate

if TYPE_CHECKING:
    from collections.abc import Generator

SCHEMA = json.loads(
    files("homeport.report").joinpath("schemas", "history-1.json").read_text("utf-8")
)
S = 1_000_000_000
NOW = 1_795_442_531 * S  # 2026-11-23T14:02:11Z
OVER = Tenancy(
    endpoint=Endpoint(Transport.TCP, "127.0.0.1", 62893),
    opened_ns=NOW - 3600 * S,
    closed_ns=NOW - 1800 * S,
    closed_known=True,
    pid=812,
    name="python3",
    argv=("python3", "-m", "http.server"),
    user="ann",
    cwd="/src/shop",
    project="shop",
    seen_ns=NOW - 3600 * S,
)
OPEN = OVER._replace(closed_ns=None, closed_known=False)
FOUND_OPEN = OPEN._replace(opened_ns=None)
LOST = OVER._replace(closed_known=False, opened_ns=None)
PASSED = OVER._replace(opened_ns=None, seen_ns=NOW, closed_ns=NOW, pid=None, name=None, argv=())
HOSTILE = OVER._replace(name="e\x1b[2J\n", argv=("e\x1b[2J\udcff",), project="\u202e", user="\x07")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC0")
        time.tzset()
        yield
    time.tzset()


def table(*tenancies: Tenancy, width: int | None = 100) -> list[str]:
    return history_lines(tenancies, NOW, Style(width=width))


def test_a_tenancy_with_beginning_and_end() -> None:
    assert table(OVER)[1].split() == (
        [
            "13:02:11",
            "13:32:11",
            "127.0.0.1:62893",
            "python",
            "-m",
            "http.server",
            "python3",
            "812",
            "shop",
            "ann",
        ]
    )


def test_what_is_known_only_in_part_is_said_so() -> None:
    assert "by 13:02:11  after 13:32:11" in table(LOST)[1]
    assert "open now" in table(OPEN)[1]
    assert "14:02:11  at once" in table(PASSED)[1]
    assert "unknown" in table(PASSED)[1]


def test_moments_bear_as_much_date_as_is_needed() -> None:
    assert short(NOW - 60 * S, NOW) == "14:01:11"
    assert short(NOW - 86_400 * S, NOW) == "11-22 14:02:11"
    assert short(NOW - 400 * 86_400 * S, NOW) == "2025-10-19 14:02"


@pytest.mark.parametrize("width", [20, 40, 80])
def test_the_table_fits_and_shows_nothing_raw(width: int) -> None:
    lines = table(OVER, OPEN, LOST, PASSED, HOSTILE, width=width)
    assert all(columns(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("tenancies", "line"),
    [
        ([OVER], "62893 was last up until 13:32:11 (python -m http.server)."),
        ([OPEN, OVER], "62893 is open now, since 13:02:11 (python -m http.server)."),
        ([OVER, OPEN], "62893 is open now, since 13:02:11 (python -m http.server)."),
        (
            [OPEN._replace(opened_ns=None)],
            "62893 is open now, since 13:02:11 or longer (python -m http.server).",
        ),
        ([LOST], "62893 was last seen at 13:32:11 (python -m http.server)."),
        ([PASSED], "62893 was last up until 14:02:11."),
        ([], ""),
    ],
)
def test_the_answer_in_a_line(tenancies: list[Tenancy], line: str) -> None:
    assert summary("62893", tenancies, NOW, Style()) == line


def test_nobody_is_told_from_nobody_knows() -> None:
    stretch = Stretch(NOW - 7200 * S, NOW - 3600 * S)
    assert nobody("80", covered=True, recorded=[stretch], style=Style(None)) == ["Nobody had 80."]
    lines = nobody("80", covered=False, recorded=[stretch], style=Style(None))
    assert "nothing was recorded then" in lines[0]
    assert lines[1] == "Recorded was from 2026-11-23 12:02:11 to 2026-11-23 13:02:11."
    assert (
        "with gaps"
        in nobody("80", covered=False, recorded=[stretch, stretch], style=Style(None))[1]
    )
    assert "homeport watch --record" in "\n".join(
        nobody("80", covered=False, recorded=[], style=Style(None))
    )


def document(*tenancies: Tenancy) -> dict[str, Any]:
    recorded = [Stretch(NOW - 7200 * S, NOW)]
    text = "\n".join(history_json("62893", Limited(tenancies, truncated=False), recorded))
    loaded: dict[str, Any] = json.loads(text)
    json.dumps(loaded, ensure_ascii=False).encode("utf-8")
    return loaded


def test_the_document_is_as_the_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validate(document(), SCHEMA)
    loaded = document(OVER, OPEN, LOST, PASSED, HOSTILE)
    validate(loaded, SCHEMA)
    first = loaded["tenancies"][0]
    assert (first["opened"], first["closed"]) == (
        "2026-11-23T13:02:11.000Z",
        "2026-11-23T13:32:11.000Z",
    )
    assert [each["open"] for each in loaded["tenancies"]] == [False, True, False, False, False]
    loaded["tenancies"][0]["port"] = 70_000
    with pytest.raises(ValidationError):
        validate(loaded, SCHEMA)
