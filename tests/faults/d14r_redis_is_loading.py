"""D14: Redis loads a large append-only file, slowly on purpose.

It looks at its clients every 1024 keys.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MICROSECONDS_A_KEY = 200
_KEYS = 40_000


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = [need("redis-server", package="redis-server"), "--port", str(port), "--dir", str(place)]
    argv += ["--bind", "127.0.0.1", "--save", ""]
    _write_append_only_file(place)
    slowly = [
        "--key-load-delay",
        str(_MICROSECONDS_A_KEY),
        "--loading-process-events-interval-bytes",
    ]
    with spawn([*argv, "--appendonly", "yes", *slowly, "1024"], ready=port):
        yield Situation(f"redis://127.0.0.1:{port}")


def _write_append_only_file(place: Path) -> None:
    directory = place / "appendonlydir"
    directory.mkdir()
    set_key = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100\r\n" + b"x" * 100 + b"\r\n"
    (directory / "appendonly.aof.1.incr.aof").write_bytes(set_key * _KEYS)
    manifest = "file appendonly.aof.1.incr.aof seq 1 type i\n"
    (directory / "appendonly.aof.manifest").write_text(manifest)


FAULT = Fault("D14r", "redis LOADING", _make, cause="D14")
