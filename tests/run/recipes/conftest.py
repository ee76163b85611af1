"""The programs of this environment, on the PATH of the tests that ask for them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.run.recipes.web import node_directory


@pytest.fixture
def own_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    own = [str(Path(sys.executable).parent), node_directory() or "", os.environ["PATH"]]
    monkeypatch.setenv("PATH", ":".join(filter(None, own)))
    monkeypatch.delenv("NODE_OPTIONS", raising=False)
