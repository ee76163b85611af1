from __future__ import annotations

from homeport.model.errors import BadInput, HomeportError
from homeport.model.mistake import BadDeclaration, Mistake
from homeport.report.errors_text import render


def test_what_why_and_what_next_are_a_line_each() -> None:
    error = BadInput("port 70000 does not exist", why="16 bits", next_step="take another")
    assert render(error).splitlines() == [
        "homeport: port 70000 does not exist",
        "  why: 16 bits",
        "  next: take another",
    ]


def test_bytes_that_are_no_utf8_are_told_as_everywhere_else() -> None:
    name = b"caf\xff".decode("utf-8", "surrogateescape")
    assert render(HomeportError(f"{name} {name!r}")) == "homeport: caf\\xff 'caf\\xff'"


def test_what_is_not_known_is_not_said_and_nothing_reaches_the_terminal() -> None:
    assert render(HomeportError("a\x1b[2Jb\nc")) == "homeport: a\\x1b[2Jb\\nc"


def test_mistakes_are_shown_with_the_lines_that_they_stand_in() -> None:
    first = Mistake("a.toml", "no `prot`", "did you mean `port`?", 12, 3, "  prot = 1")
    second = Mistake("a.toml", "too long", None, 100, 181, "x" * 180 + "y" * 180)
    assert render(BadDeclaration([first])).splitlines() == [
        "homeport: a.toml:12:3: no `prot`",
        "  12 |   prot = 1",
        "     |   ^",
        "  next: did you mean `port`?",
    ]
    told = render(BadDeclaration([first, second, Mistake("a.toml", "it is empty")])).splitlines()
    assert told[:2] == ["homeport: a.toml has 3 mistakes", "a.toml:12:3: no `prot`"]
    assert told[5:] == [
        "a.toml:100:181: too long",
        "  100 | " + "x" * 49 + "y" * 51,
        "      | " + " " * 49 + "^",
        "a.toml: it is empty",
    ]


def test_the_mark_is_below_its_character_whatever_stands_before_it() -> None:
    mistake = Mistake("a.toml", "odd", None, 1, 6, "\t日本\x1b=x")
    assert render(BadDeclaration([mistake])).splitlines()[1:] == [
        "  1 |  日本\\x1b=x",
        "    |           ^",
    ]


def test_of_many_mistakes_the_first_are_shown() -> None:
    told = render(BadDeclaration([Mistake("a.toml", "x", None, 1, 1, "x")] * 30)).splitlines()
    assert len(told) == 1 + 20 * 3 + 1
    assert told[-1] == "and 10 more"
