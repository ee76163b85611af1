"""H8: nginx answers 502 for a named group of servers, in an included file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import nginx
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    inner, port = leased_port(), leased_port()
    place.joinpath("app.conf").write_text(
        f"upstream app {{ server 127.0.0.1:{inner}; }}\n"
        f"server {{ listen {port}; location / {{ proxy_pass http://app; }} }}\n"
    )
    with nginx(place, f"include {place}/*p.conf;\n", port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "H8", "nginx answers 502 for a named group of servers, in an included file", _make, cause="H8"
)
