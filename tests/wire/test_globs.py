"""Patterns of file names."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.globs import compiled, fixed_part


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a/*.py", "/a/x.py", True),
        ("/a/*.py", "/a/b/x.py", False),
        ("/a/**/*.py", "/a/x.py", True),
        ("/a/**/*.py", "/a/b/c/x.py", True),
        ("/a/**", "/a/b/c", True),
        ("/a/src", "/a/src/x/y.js", True),
        ("/a/src", "/a/srcs", False),
        ("/a/?.py", "/a/xy.py", False),
        ("/a/[ab].py", "/a/b.py", True),
        ("/a/[!ab].py", "/a/b.py", False),
        ("/a/x.+", "/a/x.+", True),
        ("/a/x.+", "/a/xyy", False),
        ("/a/**/**/b/*c*d", "/a/b/x/b/accdd", True),
        ("/a/**/b/**/c", "/a/b/c", True),
        ("/a/**/b/**/c", "/a/x/b/b/x/c/within", True),
        ("/a/**/b/**/c", "/a/c/b", False),
        ("/a/*.test.*", "/a/x.test.test.js", True),
        ("/a/*ab*b", "/a/aab", False),
        ("/a/[*]x*", "/a/*xy", True),
        ("/a/***x", "/a/yx", True),
    ],
)
def test_patterns_match_as_in_git(pattern: str, path: str, matches: bool) -> None:  # noqa: FBT001
    assert bool(compiled(pattern).fullmatch(path)) is matches


@pytest.mark.parametrize(
    ("pattern", "place"), [("/a/b/*.py", "/a/b"), ("/a/b", "/a/b"), ("/*", "/"), ("/a/**/b", "/a")]
)
def test_the_fixed_part_is_what_has_to_be_watched(pattern: str, place: str) -> None:
    assert fixed_part(pattern) == place


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_pattern_compiles_and_matches_in_time(pattern: str, path: str) -> None:
    compiled(f"/{pattern}").fullmatch(f"/{path}")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/" + "**/" * 30 + "b", "/" + "x/" * 2000),
        ("/" + "**/x/" * 30 + "b", "/" + "x/" * 2000),
        ("/" + "*a" * 30 + "*b", "/" + "a" * 4000),
        ("/**/" + "*a" * 20 + "/c", "/" + ("a" * 50 + "/") * 60),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    began_ns = time.process_time_ns()
    assert compiled(pattern).fullmatch(path) is None
    assert time.process_time_ns() - began_ns < 500_000_000


words = st.lists(st.sampled_from(["*", "a", "b", "?", "[ab]", "[!a]"]), min_size=1, max_size=6)


@given(words, st.text("ab", max_size=8))
def test_names_match_as_the_standard_librarys_do(pattern: list[str], name: str) -> None:
    text = "".join(pattern)
    if name and text.strip("*"):
        assert bool(compiled(f"/x/{text}").fullmatch(f"/x/{name}")) is fnmatchcase(name, text)
