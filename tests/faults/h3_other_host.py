"""H3: a server answers under another host name only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import answering

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    refusal = {"status": 403, "body": "no such host here", "hosts": ["localhost"]}
    with answering({"*": refusal}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H3", "a server answers under another host name only", _make, cause="H3")
