"""Places in TOML, held against what tomllib reads."""

from __future__ import annotations

import json
import time
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.declaration.toml_places import Lines, is_too_deep, places

DOCUMENT = '''\
# a comment with [brackets] = "and quotes
[project]
name = "shop" # here too: x = 1
"quoted key" = 'its'
[services.web]
needs = [ "db", # of which
  "cache",
]
env = { A = "x}", "B.C" = ["]", {D = 1}], E.F = 1979-05-27 07:32:00 }
text = """
[not.a.table]
x = "y" \\""" still """""
raw = \'\'\'
a = 'b' \'\'\'\'
a.b.c = true
[[list]]
k = 1
[[list]]
k = 2
[list.below]
k = 3
'''


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += paths(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += paths(each, (*path, index))
    return found


def test_everything_that_tomllib_reads_has_a_place() -> None:
    found = places(DOCUMENT)
    assert set(paths(tomllib.loads(DOCUMENT))) == set(found)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("project",), "[project]", "[project]"),
        (("project", "name"), "name", '"shop"'),
        (("project", "quoted key"), '"quoted key"', "'its'"),
        (("services", "web", "needs"), "needs", "["),
        (("services", "web", "needs", 1), '"cache"', '"cache"'),
        (("services", "web", "env", "A"), "A =", '"x}"'),
        (("services", "web", "env", "B.C"), '"B.C"', "["),
        (("services", "web", "env", "B.C", 1, "D"), "D =", "1}"),
        (("services", "web", "env", "E", "F"), "E.F", "1979-05-27 07"),
        (("services", "web", "raw"), "raw", "'''"),
        (("services", "web", "a", "b", "c"), "a.b.c", "true"),
        (("list", 1), "[[list]]", "[[list]]"),
        (("list", 1, "k"), "k", "2"),
        (("list", 1, "below", "k"), "k", "3"),
    ],
)
def test_places(path: tuple[str | int, ...], key: str, value: str) -> None:
    place = places(DOCUMENT)[path]
    assert DOCUMENT.startswith(key, place.key)
    assert DOCUMENT.startswith(value, place.value)


def test_lines() -> None:
    lines = Lines("a = 1\r\nbb = 2\r\n\tc = 3")
    text = "a = 1 \nbb = 2 \n\tc = 3"
    assert lines.at(0) == (1, 1, "a = 1")
    assert lines.at(text.index("2")) == (2, 6, "bb = 2")
    assert lines.at(text.index("c")) == (3, 2, "\tc = 3")


SCALARS = st.one_of(
    st.integers(-10, 10**6).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text("ab]}[{,#='.\n \\\té日", max_size=8).map(
        lambda text: json.dumps(text, ensure_ascii=False)
    ),
    st.text('ab]}[{,#=". \\', max_size=8).map(lambda text: f"'{text}'"),
    st.text("ab]}#=' \n", max_size=8).map(lambda text: f'"""{text}"""'),
    st.sampled_from(["1979-05-27", "1979-05-27 07:32:00Z", "inf", "-1.5e3", "0xff", '""', "''"]),
)
KEYS = st.one_of(st.sampled_from("abcd"), st.text("ab.]=# ", max_size=4).map(json.dumps))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: "[ " + " ,# x]'\n ".join(each) + " ]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda each: "{ " + ", ".join(f"{key} = {value}" for key, value in each.items()) + " }"
        ),
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.tuples(KEYS, KEYS, VALUES).map(lambda parts: f"{parts[0]} . {parts[1]}= {parts[2]} # ]"),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[{'.'.join(keys)}]"),
    st.lists(KEYS, min_size=1, max_size=2).map(lambda keys: f"[[ {' . '.join(keys)} ]] # x"),
)


@given(lines=st.lists(LINES, max_size=6))
def test_any_document(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert places(text) is not None  # whatever it is, it ends
        return
    found = places(text)
    leaves = [path for path in paths(document) if not isinstance(_at(document, path), dict)]
    assert set(leaves) <= set(found)
    for path in leaves:
        assert text[found[path].value :].strip()


def _at(document: Any, path: tuple[str | int, ...]) -> object:
    for part in path:
        document = document[part]
    return document


@pytest.mark.parametrize("part", ["a", '"b c"', "' '", "a-1 "])
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "[[{}]]", "x = {{ {} = 1 }}"])
def test_a_key_has_so_many_parts_and_no_more(part: str, form: str) -> None:
    assert not is_too_deep(form.format(".".join([part] * 64)))
    assert is_too_deep(form.format(".".join([part] * 65)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["a" * 900_000, "'" * 900_001, "a." * 60, "a " * 400_000, '"a' * 400_000]
)
def test_to_look_for_deep_keys_takes_linear_time(text: str) -> None:
    began = time.process_time()
    assert not is_too_deep(text)
    assert time.process_time() - began < 4


@given(text=st.text("[]{}='\"#,.\n a1\\", max_size=40))
def test_garbage_ends(text: str) -> None:
    assert isinstance(places(text), dict)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["a=[" * 100_000, '"' * 200_001, "[a" * 100_000, "x = 1\n" * 50_000, "'''" * 90_001]
)
def test_much_takes_linear_time(text: str) -> None:
    began = time.process_time()
    places(text)
    assert time.process_time() - began < 4
