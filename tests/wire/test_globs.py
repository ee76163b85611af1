"""Patterns of file names."""

from __future__ import annotations

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
