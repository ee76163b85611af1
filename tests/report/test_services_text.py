from __future__ import annotations

import pytest

from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus
from homeport.report.services_text import (
    Prefixes,
    change_line,
    note_lines,
    state_words,
    status_lines,
    trouble_lines,
)
from homeport.report.style import Style, columns

NOW_NS = 1_700_000_000_000_000_000
WIDE = Style(width=None, color=False, unicode=True)
WEB = ServiceStatus(
    "web",
    ServiceState.READY,
    NOW_NS - 3_000_000_000,
    pid=4321,
    port=20417,
    url="http://127.0.0.1:20417",
    public_url="http://web.shop.localhost:62893",
    starting_ms=1234,
)
DEAD = WEB._replace(
    name="api",
    state=ServiceState.FAILED,
    pid=None,
    reason="ended with status 3",
    last_lines=tuple(f"line {number} \x1b[2J" for number in range(40)),
    advice="127.0.0.1:5432: nothing listens there: homeport up db",
)


def shop(*services: ServiceStatus, root: str = "/srv/shop", branch: str | None = None) -> str:
    status = ProjectStatus("shop", root, branch, "homeport.toml", 7, services)
    return "\n".join(status_lines([status], NOW_NS, WIDE))


def test_each_service_has_a_line_with_where_it_is_reached() -> None:
    (line,) = [line for line in shop(WEB, DEAD).splitlines() if line.startswith("web ")]
    assert line.split() == [
        "web",
        "ready",
        "http://web.shop.localhost:62893",
        "20417",
        "4321",
        "3",
        "s",
    ]


def test_a_branch_is_named_and_a_directory_cannot_break_lines() -> None:
    told = shop(WEB, root="/srv/a\nb\x1b[2J", branch="fix-it")
    assert "shop (fix-it)  /srv/a\\nb" in told
    assert "\x1b" not in told


def test_what_is_not_well_says_why_and_what_it_printed_last() -> None:
    told = shop(WEB, DEAD).splitlines()
    assert "api failed: ended with status 3" in told
    assert "  check says: 127.0.0.1:5432: nothing listens there: homeport up db" in told
    assert [line for line in told if line.startswith("  line")] == [
        f"  line {number} \\x1b[2J" for number in range(28, 40)
    ]


def test_one_that_is_well_has_nothing_beneath_the_table() -> None:
    assert trouble_lines(WEB, WIDE) == note_lines(WEB, WIDE) == []


def test_a_note_is_shown_of_a_service_that_is_well() -> None:
    noted = WEB._replace(notes=("listens on 0.0.0.0:20417\x07",))
    assert "web listens on 0.0.0.0:20417\\x07" in shop(noted)


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (WEB, "ready"),
        (WEB._replace(state=ServiceState.STOPPED), "stopped"),
        (WEB._replace(state=ServiceState.STOPPED, lazy=True), "on demand"),
        (WEB._replace(state=ServiceState.WAITING, restarts=3), "restarting (3)"),
    ],
)
def test_states_are_told_in_words(service: ServiceStatus, words: str) -> None:
    assert state_words(service) == words


def test_a_change_is_one_line() -> None:
    assert change_line(WEB, WIDE) == "web ready in 1.2 s  http://web.shop.localhost:62893"
    told = change_line(DEAD._replace(advice=None, reason="said\nthis"), WIDE)
    assert told == "api failed: said\\nthis"
    assert "check says: 127.0.0.1:5432" in str(change_line(DEAD, WIDE))
    assert change_line(DEAD._replace(state=ServiceState.STARTING), WIDE) is None
    stopped = ServiceStatus("worker", ServiceState.STOPPED, NOW_NS)
    assert change_line(stopped, WIDE) == "worker stopped"


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("style", [Style(unicode=True), Style(unicode=False)])
def test_nothing_is_wider_than_the_terminal(width: int, style: Style) -> None:
    style = style._replace(width=width)
    long = DEAD._replace(
        reason="r" * 300, last_lines=("l" * 300, "ü" * 300, "漢" * 100), notes=("n " * 200,)
    )
    status = ProjectStatus("shop", "/srv/" + "d" * 90, "b" * 60, "x", 7, (WEB, long))
    for line in status_lines([status], NOW_NS, style):
        assert columns(line) <= width, line


def test_prefixes_are_aligned_and_each_service_has_a_colour_of_its_own() -> None:
    plain = Prefixes(("web", "worker"), WIDE)
    assert plain.line("web", "hello") == "web    | hello"
    assert plain.line("a-longer-one", "x") == "a-longer-one | x"
    assert plain.line("web", "\x1b[31mred\x1b[0m") == "web          | red"
    coloured = Prefixes(("web", "worker"), WIDE._replace(color=True))
    first, second = coloured.line("web", "x"), coloured.line("worker", "x")
    assert first.split("m")[0] != second.split("m")[0]
    assert first.endswith("x\x1b[0m")
