from __future__ import annotations

from homeport.model.errors import BadInput, HomeportError
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
