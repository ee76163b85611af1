"""What `check` is asked about a service, and what of its answer is told."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.run.supervise.advice import (
    Advice,
    Advisor,
    Question,
    about_itself,
    about_last_words,
    sentence,
)

if TYPE_CHECKING:
    from pathlib import Path

OWN = Question(("http://127.0.0.1:20123",), "http://127.0.0.1:20123")
OTHER = Question(("127.0.0.1:5432",), "127.0.0.1:5432", own=False)


def document(cause_id: str = "T3", fix: str = "kill -CONT 812") -> bytes:
    cause = {"id": cause_id, "title": "its process is stopped", "fix": fix}
    return json.dumps({"schema": "homeport/check@1", "cause": cause}).encode()


def test_the_cause_and_its_fix_are_told_in_one_sentence() -> None:
    assert sentence(document(), OWN) == "its process is stopped: kill -CONT 812"
    assert sentence(document(), OTHER) == "127.0.0.1:5432: its process is stopped: kill -CONT 812"
    assert sentence(document(fix="do this\nor that"), OWN) == "its process is stopped: do this …"
    long = sentence(document(fix="x" * 5000), OWN)
    assert long is not None
    assert len(long) == 400


def test_what_is_said_beside_the_document_does_no_harm() -> None:
    noisy = b"a warning {\r\n" + document() + b"\r\n"
    assert sentence(noisy, OWN) == "its process is stopped: kill -CONT 812"


@pytest.mark.parametrize("cause", ["L1", "L9", "L27", "X0"])
def test_that_nobody_listens_at_its_own_port_is_nothing_new(cause: str) -> None:
    assert sentence(document(cause), OWN) is None
    assert sentence(document(cause), OTHER) is not None


@pytest.mark.parametrize(
    "odd", [b"", b"{", b"[]", b"{}", b'{"cause": null}', b'{"cause": 1}', b"\xff{\n", b"null\n"]
)
def test_an_answer_that_is_none_tells_nothing(odd: bytes) -> None:
    assert sentence(odd, OWN) is None


def test_a_page_is_asked_for_and_a_database_only_whether_it_speaks() -> None:
    web, database = about_itself("http://127.0.0.1:20123"), about_itself("redis://127.0.0.1:20124")
    assert web is not None
    assert web.words == ("http://127.0.0.1:20123",)
    assert database is not None
    assert database.words == ("127.0.0.1:20124",)
    assert about_itself(None) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("connect ECONNREFUSED 127.0.0.1:5432", ("127.0.0.1:5432",)),
        ("\x1b[31mError: connect ECONNREFUSED ::1:5432\x1b[0m", ("[::1]:5432",)),
        ("connection to server at localhost, port 5432 failed: Connection refused",
         ("localhost:5432",)),
        ("bind 127.0.0.1:20123: Address already in use", ("--bind", "127.0.0.1:20123")),
        ("Uvicorn running on http://127.0.0.1:20123", None),
        ("connect ECONNREFUSED 127.0.0.1:20123", None),
        ("connect ECONNREFUSED 192.0.2.1:5432", None),
        ("connect ECONNREFUSED db.example.com:5432", None),
        ("KeyError: 'SECRET_KEY'", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_last_words_name_what_was_complained_of(
    line: str, words: tuple[str, ...] | None
) -> None:
    question = about_last_words(["starting", line], 20123)
    assert (None if question is None else question.words) == words


def script(path: Path, source: str) -> tuple[str, ...]:
    path.write_text(source)
    return (sys.executable, str(path))


def test_another_process_is_asked(tmp_path: Path) -> None:
    told = f"import sys; print('noise'); print({document().decode()!r}); print(sys.argv[1:])"
    advisor = Advisor(script(tmp_path / "check.py", told), os.environ, str(tmp_path))
    found: list[str | None] = []

    async def seek() -> None:
        over = asyncio.Event()
        advice = Advice(advisor, over.set)
        advice.seek(OWN)
        pending = [advice.pending]
        await asyncio.wait_for(over.wait(), 20)
        pending.append(advice.pending)
        assert pending == [True, False]
        found.append(advice.text)
        advice.forget()
        found.append(advice.text)

    asyncio.run(seek())
    assert found == ["its process is stopped: kill -CONT 812", None]


def test_what_is_forgotten_is_not_told_later(tmp_path: Path) -> None:
    advisor = Advisor(script(tmp_path / "c.py", "import time; time.sleep(60)"), os.environ, "/")

    async def forget() -> str | None:
        advice = Advice(advisor, lambda: None)
        advice.seek(OWN)
        await asyncio.sleep(0)
        advice.forget()
        assert not advice.pending
        return advice.text

    assert asyncio.run(forget()) is None


@pytest.mark.parametrize("check", [(), ("/no/such/program",)])
def test_without_anybody_to_ask_nothing_is_told(check: tuple[str, ...], tmp_path: Path) -> None:
    assert asyncio.run(Advisor(check, os.environ, str(tmp_path)).ask(OWN)) is None
    assert asyncio.run(Advisor(check, os.environ, "/no/such/directory").ask(OWN)) is None
