"""Programs on the PATH of the tests that ask for them, and databases of a module's `kind`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.web import node_directory

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.run.recipes.databases import Kind, Running


@pytest.fixture(scope="session")
def _node_tools(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Where node and npm are; the wheel's own `npm` has lost the rest of itself."""
    directory = node_directory()
    if directory is None:
        return []
    place = tmp_path_factory.mktemp("npm")
    for tool in ("npm", "npx"):
        script = f"{directory}/../lib/node_modules/npm/bin/{tool}-cli.js"
        (place / tool).write_text(f'#!/bin/sh\nexec node "{script}" "$@"\n', encoding="utf-8")
        (place / tool).chmod(0o755)
    return [str(place), directory]


@pytest.fixture
def own_programs(monkeypatch: pytest.MonkeyPatch, _node_tools: list[str]) -> None:
    own = [str(Path(sys.executable).parent), *_node_tools, os.environ["PATH"]]
    monkeypatch.setenv("PATH", ":".join(own))
    monkeypatch.delenv("NODE_OPTIONS", raising=False)


@pytest.fixture
def programs_of_kind(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    kind.find(monkeypatch)


@pytest.fixture(scope="module")
def db(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """One server of the module's kind."""
    with kind.up(tmp_path_factory.mktemp("shop")) as running:
        yield running
