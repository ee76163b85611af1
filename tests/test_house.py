"""What the layers say and an import checker cannot see."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = sorted((ROOT / "src" / "homeport").rglob("*.py"))

PURE = {"inet_ntop", "inet_pton", "inet_aton", "inet_ntoa", "htons", "ntohs", "htonl", "ntohl"}
"""The functions of `socket` that only convert. Its constants, in capitals, are as harmless."""


class Seen(NamedTuple):
    """What these rules ask of a file."""

    docstring: str | None
    of_socket: set[str]
    lengths: list[int]


@functools.cache
def _seen(path: Path) -> Seen:
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef)
    ]
    return Seen(ast.get_docstring(tree), _used_of_socket(nodes), lengths)


def _used_of_socket(nodes: list[ast.AST]) -> set[str]:
    used: set[str] = set()
    for node in nodes:
        match node:
            case ast.ImportFrom(module="socket", names=names):
                used.update(alias.name for alias in names)
            case ast.Attribute(value=ast.Name(id="socket"), attr=name):
                used.add(name)
    return {name for name in used if not name.isupper() and name not in PURE}


@pytest.mark.parametrize("room", ["model", "wire"])
def test_model_and_wire_use_only_the_pure_part_of_socket(room: str) -> None:
    of_room = [path for path in SOURCES if path.is_relative_to(ROOT / "src" / "homeport" / room)]
    assert of_room
    impure = {path.name: _seen(path).of_socket for path in of_room}
    assert not {name: used for name, used in impure.items() if used}


def test_no_file_outgrows_four_hundred_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in SOURCES}
    assert not {name: lines for name, lines in lengths.items() if lines >= 400}


def test_functions_fit_in_a_glance() -> None:
    lengths = sorted(length for path in SOURCES for length in _seen(path).lengths)
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[len(lengths) * 9 // 10] <= 30


def test_each_module_opens_with_its_law() -> None:
    silent = [path for path in SOURCES if not _seen(path).docstring]
    assert not silent
