"""H17: http spoken to a mail server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import saying

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with saying(b"220 mail.test ESMTP Postfix\r\n", end="hold", unasked=True) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H17", "http spoken to a mail server", _make, cause="H17")
