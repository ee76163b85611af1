from __future__ import annotations

import json
from importlib.resources import files

import pytest

from homeport.model.kept import Kept, Whereabouts
from homeport.report.kept_text import kept_json, kept_lines, size, staying_lines
from homeport.report.style import Style
from tests.schemas import validate

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "prune-1.json").read_text("utf-8"))
DAY_NS = 86_400_000_000_000
GONE = Kept("shop-1", "/src/shop", Whereabouts.GONE, ("db", "cache"), 471_000_000, 5 * DAY_NS)
NEW = Kept("new-2", "/src/new", Whereabouts.GONE, (), 0, None)
AWAY = Kept("disk-3", "/mnt/disk/\x1b[31m", Whereabouts.AWAY)
RUNS = Kept("runs-4", "/src/runs", Whereabouts.GONE, is_running=True)
UNKNOWN = Kept("old-5", None, Whereabouts.UNKNOWN)
CLOSED = Kept("closed-7", "/root/shop", Whereabouts.UNKNOWN)
HERE = Kept("here-6", "/src/here", Whereabouts.HERE, ("db",), 1, 2)


def test_a_row_for_each_directory() -> None:
    lines = kept_lines([GONE, NEW], 8 * DAY_NS, Style())
    assert [line.split() for line in lines] == [
        ["DIRECTORY", "DATA", "OF", "SIZE", "LAST", "UP"],
        ["/src/shop", "db,", "cache", "471", "MB", "3", "d", "ago"],
        ["/src/new", "0", "B"],
    ]


def test_why_something_stays() -> None:
    lines = staying_lines([GONE, HERE, AWAY, RUNS, UNKNOWN, CLOSED], Style())
    assert len(lines) == 4
    assert "not mounted" in lines[0]
    assert "\x1b" not in lines[0]
    assert "homeport stop --all" in lines[1]
    assert "projects/old-5" in lines[2]
    assert "/root/shop: this user may not look" in lines[3]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (9_949, "9.9 KB"),
        (9_950, "10 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (471_300_000, "471 MB"),
        (2_500_000_000, "2.5 GB"),
        (10**16, "10000 TB"),
    ],
)
def test_bytes_for_people(number: int, text: str) -> None:
    assert size(number) == text


def test_the_document_holds_against_its_schema() -> None:
    told = kept_json([GONE, AWAY, UNKNOWN, HERE], [GONE], dry_run=False)
    validate(told, SCHEMA)
    rows = told["kept"]
    assert isinstance(rows, list)
    assert [row["removed"] for row in rows] == [True, False, False, False]
    assert rows[0]["used"] == "1970-01-06T00:00:00.000Z"
