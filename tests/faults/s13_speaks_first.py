"""S13: TLS spoken to a port that wants STARTTLS: a socket that greets as a mail server."""

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
    with saying(b"220 mail.test ESMTP ready\r\n", end="hold", unasked=True) as port:
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault("S13", "TLS spoken to a port that wants STARTTLS", _make, cause="S13")
