"""The few lines of a git repository that say which branch is checked out, and where.

Formats: gitrepository-layout(5) and git-worktree(1), "Details". Nothing of git itself is asked.
"""

from __future__ import annotations

_HEXADECIMAL = frozenset("0123456789abcdef")
_COMMIT_LENGTHS = (40, 64)
_SHORT = 7


def parse_gitfile(data: bytes) -> str | None:
    """The directory that a `.git` file points at, as it is written there (it may be relative)."""
    line = _first_line(data)
    return line[8:].strip() or None if line.startswith("gitdir: ") else None


def parse_head(data: bytes) -> str | None:
    """What HEAD stands on: a branch, or the first seven digits of a commit when it is detached.

    A repository with reftable keeps its branch elsewhere and has a stand-in here: None.
    """
    line = _first_line(data)
    if line.startswith("ref: "):
        name = line[5:].strip().removeprefix("refs/heads/")
        return None if name in ("", ".invalid") else name.removeprefix("refs/")
    is_commit = len(line) in _COMMIT_LENGTHS and _HEXADECIMAL.issuperset(line)
    return line[:_SHORT] if is_commit else None


def worktree_name(gitdir: str) -> str | None:
    """The name of the linked worktree that a git directory belongs to; None for any other."""
    parts = gitdir.rstrip("/").split("/")
    return parts[-1] if len(parts) > 2 and parts[-2] == "worktrees" else None


def _first_line(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").partition("\n")[0].rstrip("\r")
