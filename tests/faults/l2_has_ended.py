"""L2: the server was up, as the history tells, and has crashed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import homeport_command, leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv, more = homeport_command()
    env = {**more, "XDG_STATE_HOME": str(place)}
    watch = ["env", *(f"{name}={value}" for name, value in env.items()), *argv, "watch"]
    watch += ["--record", "--lines", "--interval", "0.05", "--port", str(port)]
    with (
        spawn(watch, ready="^watching") as recording,
        python_server(HTTP, "127.0.0.1", port, ready=port) as server,
    ):
        recording.wait_for(f"opened .*:{port} ")
        server.process.kill()
        recording.wait_for(f"closed .*:{port} ")
    yield Situation(f"http://127.0.0.1:{port}/", env={"XDG_STATE_HOME": str(place)})


FAULT = Fault("L2", "service started, then crashed", _make, cause="L2", slow=True)
