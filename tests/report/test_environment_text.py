from __future__ import annotations

import json
import subprocess
from io import StringIO

from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.report.environment_text import dotenv_lines, environment_json, shell_lines

NASTY = {
    "URL": "postgresql://u:p@127.0.0.1:5432/db?x=1&y='2'",
    "LINES": "one\ntwo\n",
    "QUOTES": 'it\'s "$HOME" `id` $(id) \\n \\ #',
    "EMPTY": "",
}
texts = st.text(st.characters(exclude_characters="\0\r$", exclude_categories=["Cs"]), max_size=40)


def test_a_shell_reads_what_was_meant() -> None:
    script = "\n".join([*shell_lines(NASTY), 'printf "%s\\0" "$URL" "$LINES" "$QUOTES" "$EMPTY"'])
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert read.stdout.split("\0")[:-1] == list(NASTY.values())


@given(texts)
@settings(max_examples=settings().max_examples * 2)
def test_a_file_of_variables_is_read_as_it_was_meant(text: str) -> None:
    (line,) = dotenv_lines({"NAME": text})
    assert "\n" not in line
    assert dotenv_values(stream=StringIO(f"{line}\n"), interpolate=False) == {"NAME": text}


def test_names_that_no_shell_has_are_left_out() -> None:
    odd = {"A-B": "1", "1A": "2", "Ä": "3", "A B": "4", "": "5", "FINE_1": "6"}
    assert shell_lines(odd) == ["export FINE_1=6"]
    assert dotenv_lines(odd) == ["FINE_1='6'"]


def test_the_document_has_all_of_them() -> None:
    told = environment_json({"B": "2", "A": "caf\udce9"})
    assert list(json.loads(json.dumps(told))["variables"]) == ["A", "B"]
