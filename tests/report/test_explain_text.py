from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.event import Tenancy
from homeport.model.snapshot import Snapshot
from homeport.report.explain_text import explain_lines
from homeport.report.prose import commands, labelled, wrapped
from homeport.report.style import Style, columns
from tests.report.samples import EVERYTHING, EVIL_NAME, NOW_NS, VITE, listener
from tests.see.explain.explaining import FACTS, told

if TYPE_CHECKING:
    from homeport.model.explanation import Explanation

PAST = (
    Tenancy(
        Endpoint(Transport.TCP, "127.0.0.1", 5432), NOW_NS - 10**12, NOW_NS - 10**11, True, 299,
        "postgres", ("postgres",), "postgres", "/", "shop", NOW_NS - 10**12,
    ),
)  # fmt: skip
QUESTIONS = (
    "127.0.0.1:5432",
    "ECONNREFUSED ::1:5432",
    "Disconnected from the target VM, address: '127.0.0.1:62893', transport: 'socket'",
    "OSError: [Errno 98] Address already in use",
    "8080", "udp/53", "2049", "9000", "41001", "shop", "pid:812", "localhost", "10.1.2.3:80",
    "read tcp 127.0.0.1:41000->127.0.0.1:5432: read: connection reset by peer",
)  # fmt: skip


def every() -> list[Explanation]:
    facts = FACTS._replace(history=PAST, shortcomings=(f"The history: {EVIL_NAME}",))
    return [told(question, EVERYTHING, facts) for question in QUESTIONS]


@pytest.mark.parametrize("width", [None, 200, 80, 40, 20])
@pytest.mark.parametrize("answer", every(), ids=QUESTIONS)
def test_no_line_is_wider_than_the_terminal_but_a_command(
    answer: Explanation, width: int | None
) -> None:
    copied = {f"  {step.command}" for step in answer.next_steps}
    for line in explain_lines(answer, Style(width=width)):
        assert width is None or columns(line) <= width or line in copied, line


@pytest.mark.parametrize("answer", every(), ids=QUESTIONS)
def test_nothing_from_outside_reaches_the_terminal_as_it_is(answer: Explanation) -> None:
    for line in explain_lines(answer, Style(width=80)):
        assert line.isprintable(), line
        assert line == line.rstrip()


@pytest.mark.parametrize("answer", every(), ids=QUESTIONS)
def test_colours_change_no_text(answer: Explanation) -> None:
    import re

    plain = explain_lines(answer, Style(width=80))
    colored = explain_lines(answer, Style(width=80, color=True))
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in colored] == plain
    assert colored != plain


@pytest.mark.parametrize("answer", every(), ids=QUESTIONS)
def test_ascii_is_enough(answer: Explanation) -> None:
    for line in explain_lines(answer, Style(width=80, unicode=False)):
        line.encode("ascii")


def test_the_answer_comes_first() -> None:
    lines = explain_lines(told("ECONNREFUSED ::1:5432"), Style(width=80))
    assert lines[0] == "[::1]:5432: connection refused"
    assert lines[2].startswith("Nothing listens on [::1]:5432, but postgres (pid 300,")


def test_all_there_is_to_know() -> None:
    text = "\n".join(
        explain_lines(told("5432", facts=FACTS._replace(history=PAST)), Style(width=80))
    )
    for heading in (
        "port 5432", "Who listens", "Who is connected", "Port", "Free to bind?",
        "Who had it before", "What next",
    ):  # fmt: skip
        assert f"\n{heading}\n" in f"\n{text}\n", heading
    for fact in (
        "127.0.0.1:5432, postgres 300 of user postgres, for 2 d",
        "runs  /usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main",
        "under postgresql@15-main.service",
        "why   systemd 1 → postgres 300",
        "node 812, project shop (feature/cart)",
        "5432 is a user port, one of 1024-49151 (RFC 6335).",
        "Registered: postgresql (tcp).",
        "This kernel hands out ports from 32768-60999",
        "homeport history 5432",
    ):
        assert fact in text, fact


def test_who_has_it_now_is_not_told_as_the_past() -> None:
    now = PAST[0]._replace(closed_ns=None, pid=300)
    facts = FACTS._replace(history=(now, *PAST))
    text = "\n".join(explain_lines(told("5432", facts=facts), Style(width=80)))
    assert "postgres 299, project shop" in text
    assert "open now" not in text


def test_a_long_command_is_told_in_several_lines_and_then_cut() -> None:
    words = [f"word{number}" for number in range(100)]
    whole = labelled("runs ", " ".join(words[:20]), Style(width=60), most=4)
    assert " ".join(" ".join(whole).split()[1:]) == " ".join(words[:20])
    parts = labelled("runs ", " ".join(words), Style(width=60), most=4)
    assert len(parts) == 4
    assert parts[3].endswith("…")
    assert all(columns(line) <= 60 for line in parts)
    (only,) = labelled("in   ", " ".join(words), Style(width=60))
    assert only.endswith("…")


def test_a_token_in_a_command_line_is_not_shown() -> None:
    argv = ("python", "debugpy/adapter", "--server-access-token", "c0ffee")
    machine = Snapshot(0, (listener("127.0.0.1", 8100, VITE._replace(argv=argv)),))
    text = "\n".join(explain_lines(told("8100", machine), Style(width=80)))
    assert "--server-access-token ***" in text
    assert "c0ffee" not in text


def test_binding_as_a_table() -> None:
    lines = explain_lines(told("5432"), Style(width=80))
    start = lines.index("Free to bind?")
    assert [line.split() for line in lines[start + 1 : start + 6]] == [
        ["ADDRESS", "PLAIN", "REUSEADDR", "REUSEPORT"],
        ["127.0.0.1", "taken", "taken", "taken"],
        ["::1", "free", "free", "free"],
        ["0.0.0.0", "taken", "taken", "taken"],
        ["::", "taken", "taken", "taken"],
    ]


def test_wrapping() -> None:
    style = Style(width=20)
    assert wrapped("one two three four five six", style, first="  ", rest="    ") == [
        "  one two three four",
        "    five six",
    ]
    assert wrapped("a" * 45, style) == ["a" * 20, "a" * 20, "a" * 5]
    assert wrapped("", style) == []
    assert all(columns(line) <= 20 for line in wrapped("鍵" * 33, style))
    assert "".join(wrapped("鍵" * 33, style)) == "鍵" * 33


def test_commands_stay_whole() -> None:
    pairs = [("homeport explain 127.0.0.1:62893", "all about it"), ("ls", "short")]
    assert commands(pairs, Style(width=30)) == [
        "  homeport explain 127.0.0.1:62893",
        "    # all about it",
        "  ls",
        "    # short",
    ]
    assert commands(pairs, Style(width=80)) == [
        "  homeport explain 127.0.0.1:62893   # all about it",
        "  ls                                 # short",
    ]
