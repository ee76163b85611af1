"""The files of git that say which branch is checked out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.git import parse_gitfile, parse_head, worktree_name

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"ref: refs/heads/main\n", "main"),
        (b"ref: refs/heads/feature/login form\n", "feature/login form"),
        (b"ref: refs/heads/main", "main"),
        (b"ref: refs/heads/main\r\n", "main"),
        (b"ref: refs/bisect/bad\n", "bisect/bad"),
        (COMMIT.encode() + b"\n", "0123456"),
        ((COMMIT + COMMIT[:24]).encode() + b"\n", "0123456"),
        ("ref: refs/heads/größe\n".encode(), "größe"),
        (b"ref: refs/heads/.invalid\n", None),
        (b"ref: \n", None),
        (b"", None),
        (b"\n", None),
        (b"root:x:0:0\n", None),
        (COMMIT[:-1].encode(), None),
        (b"\x00" * 100, None),
    ],
)
def test_head(data: bytes, expected: str | None) -> None:
    assert parse_head(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"gitdir: /src/shop/.git/worktrees/login\n", "/src/shop/.git/worktrees/login"),
        (b"gitdir: ../.git/modules/lib\n", "../.git/modules/lib"),
        (b"gitdir: /with space /x\n", "/with space /x"),
        (b"gitdir: \n", None),
        (b"gitdir:\n", None),
        (b"something else", None),
        (b"", None),
    ],
)
def test_gitfile(data: bytes, expected: str | None) -> None:
    assert parse_gitfile(data) == expected


@pytest.mark.parametrize(
    ("gitdir", "expected"),
    [
        ("/src/shop/.git/worktrees/login", "login"),
        ("/src/shop/.git/modules/lib/worktrees/fix", "fix"),
        ("/src/shop/.git/modules/lib", None),
        ("/src/shop/.git", None),
        ("worktrees", None),
        ("", None),
    ],
)
def test_worktree(gitdir: str, expected: str | None) -> None:
    assert worktree_name(gitdir) == expected


@given(st.binary(max_size=200))
def test_no_file_is_too_odd(data: bytes) -> None:
    for found in (parse_head(data), parse_gitfile(data)):
        assert found is None or found
