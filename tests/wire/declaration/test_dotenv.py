"""Files of variables, held against python-dotenv."""

from __future__ import annotations

import io
import time

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.declaration.dotenv import variables
from homeport.wire.references import resolve


def read(text: str) -> dict[str, str]:
    """The variables with their references to each other filled in."""
    filled: dict[str, str] = {}
    for name, value in variables(text.encode(), ".env")[0]:
        filled[name] = resolve(value, {}, ".env", variables=filled)
    return filled


EXAMPLE = """\
# the settings of everybody
PLAIN=value
SPACED = a b c
EMPTY=
export EXPORTED=yes
SINGLE='it is ${PLAIN} \\n'
DOUBLE="a \\"quoted\\" line\\nand ${PLAIN}"
COMMENTED=value # not part of it
HASH=a#b
QUOTED="a # b" # a comment
URL=postgres://me:p%40ss@localhost:5432/shop?x=1&y=2
MULTI="first
second"
PEM='-----BEGIN
KEY-----'
REFERS=${PLAIN}-${UNSET}!
OTHERWISE=${UNSET:-x}
  INDENTED=1
JSON={"a": [1, 2]}
AGAIN=1
AGAIN=2
"""


def test_an_example() -> None:
    assert read(EXAMPLE) == {
        "PLAIN": "value",
        "SPACED": "a b c",
        "EMPTY": "",
        "EXPORTED": "yes",
        "SINGLE": "it is ${PLAIN} \\n",
        "DOUBLE": 'a "quoted" line\nand value',
        "COMMENTED": "value",
        "HASH": "a#b",
        "QUOTED": "a # b",
        "URL": "postgres://me:p%40ss@localhost:5432/shop?x=1&y=2",
        "MULTI": "first\nsecond",
        "PEM": "-----BEGIN\nKEY-----",
        "REFERS": "value-!",
        "OTHERWISE": "x",
        "INDENTED": "1",
        "JSON": '{"a": [1, 2]}',
        "AGAIN": "2",
    }


def test_python_dotenv_reads_the_same() -> None:
    # It fills references in single quotes, too, which no shell does.
    text = EXAMPLE.replace("SINGLE='it is ${PLAIN} \\n'", "SINGLE='x'")
    assert read(text) == dotenv_values(stream=io.StringIO(text))


LINES = st.one_of(
    st.text("abc=#' :/.,&?%$", max_size=12).map(lambda text: f"A={text}"),
    st.text('abc =#\\n"', max_size=10).map(
        lambda text: 'B="' + text.replace("\\", "").replace('"', '\\"') + '"'
    ),
    st.text("abc =#$", max_size=10).map(lambda text: f"C='{text}'"),
    st.sampled_from(["", "# x", "export D=1", " E = 2 ", "F=${A}x", "G=${NONE}", 'H="a\\nb" # c']),
)


@given(lines=st.lists(LINES, max_size=6))
def test_what_python_dotenv_reads_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    if any(line.startswith("A=") and line[2:].lstrip()[:1] in ("'", '"') for line in lines):
        return  # what begins with a quote and does not end with it, everybody reads as they like
    assert read(text) == dotenv_values(stream=io.StringIO(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A='x' y", "'x' y"),
        ('A="x', '"x'),
        ("A='x\nB=1", "'x"),
        ('A="\\$HOME \\${HOME}"', "$HOME ${HOME}"),
        ("A=$HOME$", "$HOME$"),
        ('A="a\\\nb"', "ab"),
        ("A=$$", "$$"),
        ("A=\t x \t", "x"),
    ],
)
def test_odd_values(text: str, value: str) -> None:
    assert read(text)["A"] == value


def test_what_stands_between_two_of_one_name_means_the_first() -> None:
    assert read("A=1\nB=${A}\nA=2\n") == {"A": "2", "B": "1"}


def test_other_lines_are_told_without_what_is_in_them() -> None:
    found, notes = variables(b"A=1\nsecret words\n# c\n1B=s3cret\n", ".env")
    assert found == (("A", "1"),)
    assert notes == (
        ".env:2 is left out: it is not of the form `NAME=value`",
        ".env:4 is left out: it is not of the form `NAME=value`",
    )


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    found, _ = variables(data, ".env")
    assert all(name.isidentifier() and "\0" not in value for name, value in found)


@pytest.mark.parametrize(
    "data", [b"A='\n" * 50_001, b'A="\\' * 50_000, b"A=" + b" #" * 200_000, b'A="\n' * 50_001,
             b"A=" + b"\\" * 400_000, b" " * 400_000, b"A=" + b" " * 400_000 + b"x"]
)  # fmt: skip
def test_much_takes_linear_time(data: bytes) -> None:
    began = time.process_time()
    variables(data, ".env")
    assert time.process_time() - began < 3
