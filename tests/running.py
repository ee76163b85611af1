"""Projects whose services really run, for tests of the commands and of what lies below them.

Each has directories and a gateway of its own, and is stopped also when the test fails.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tests.support import homeport_command, leased_port, run_homeport, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from tests.support import Spawned

SERVER = """\
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((os.environ.get("SAYS", "hello") + " " + self.path).encode())
print("up on", os.environ["PORT"], flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
"""A web server for tests, in a file of the project: `python3 server.py`."""


class RunningProject:
    """A directory with a declaration; `homeport` runs the command in it."""

    def __init__(self, root: Path, base: Path, gateway_port: int) -> None:
        self.root = root
        self.gateway_port = gateway_port
        self.env = {
            "XDG_RUNTIME_DIR": str(base / "run"),
            "XDG_STATE_HOME": str(base / "state"),
            "XDG_CACHE_HOME": str(base / "cache"),
            "HOMEPORT_PORT": str(gateway_port),
            "COLUMNS": "200",
        }

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def homeport(
        self, *args: str, stdin: str = "", timeout: float = 60.0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command in the project."""
        where = cwd or self.root
        return run_homeport(*args, stdin=stdin, env=self.env, cwd=where, timeout=timeout)

    def up(self, *args: str, timeout: float = 60.0) -> dict[str, Any]:
        """Brings services up in the background; the last thing that is told of them."""
        done = self.homeport("up", "-d", "--json", *args, timeout=timeout)
        assert done.returncode == 0, done.stdout + done.stderr + self.complaints()
        settled: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return settled

    def ps(self) -> dict[str, dict[str, Any]]:
        """The services that run, by name."""
        found = json.loads(self.homeport("ps", "--json").stdout)
        projects = [each for each in found["projects"] if each["root"] == str(self.root)]
        return {each["name"]: each for project in projects for each in project["services"]}

    def ps_of(self, service: str) -> str | None:
        """The state of a service, None where there is none of that name."""
        return self.ps().get(service, {}).get("state")

    def supervisor(self) -> int:
        """The pid of the supervisor."""
        found = json.loads(self.homeport("ps", "--json").stdout)
        return int(next(each["supervisor"] for each in found["projects"]))

    def gateways(self) -> list[int]:
        """The pids of the gateways of this project's directories: one, or none."""
        found = []
        for pid in processes_of(self):
            with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"gateway.serving" in file.read():
                    found.append(pid)
        return found

    def complaints(self) -> str:
        """What a supervisor in the background has complained of."""
        paths = (self.root.parent / "run" / "homeport" / "up").glob("*/supervisor.log")
        return "".join(path.read_text() for path in paths)

    @contextmanager
    def foreground(self, *args: str, ready: str | None = None) -> Generator[Spawned]:
        """`up` in the foreground, for the length of the block."""
        argv = [*homeport_command()[0], "up", *args]
        env = {**os.environ, **self.env}
        with spawn(argv, ready=ready, cwd=self.root, env=env) as spawned:
            yield spawned

    def get(self, host: str, path: str = "/", *, headers: Sequence[str] = ()) -> str:
        """The body that the gateway gives for a host under localhost."""
        more = [word for header in headers for word in ("-H", header)]
        url = f"http://{host}.localhost:{self.gateway_port}{path}"
        resolve = f"{host}.localhost:{self.gateway_port}:127.0.0.1"
        argv = ["curl", "-sS", "--max-time", "20", "--resolve", resolve, *more, url]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@contextmanager
def project(
    base: Path, declaration: str = "", *, name: str = "shop", files: Mapping[str, str] | None = None
) -> Generator[RunningProject]:
    """A project in a directory of its own, with its homeport.toml; all is stopped at the end."""
    root = base / name
    root.mkdir(parents=True)
    (base / "run").mkdir(exist_ok=True, mode=0o700)
    made = RunningProject(root, base, leased_port())
    made.write("server.py", SERVER)
    if declaration:
        made.write("homeport.toml", declaration)
    for path, text in (files or {}).items():
        made.write(path, text)
    try:
        yield made
    finally:
        made.homeport("stop", "--now")
        _end_gateway(made)


def _end_gateway(made: RunningProject) -> None:
    """Ends the gateway at once, which would have ended some seconds after its last project."""
    asked: set[int] = set()

    def is_over() -> bool:
        """Also asks what has come since: a supervisor that has lost its gateway starts another."""
        left = processes_of(made)
        for pid in set(left) - asked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        asked.update(left)
        return not left

    wait_until(is_over, what="the end of every process of the project")


def processes_of(made: RunningProject) -> list[int]:
    """Every process that has the runtime directory of the project in its environment."""
    return processes_with(f"XDG_RUNTIME_DIR={made.env['XDG_RUNTIME_DIR']}")


def processes_with(variable: str) -> list[int]:
    """Every process but this one that has `NAME=text` in its environment."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            with suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if variable.encode() in file.read().split(b"\0"):
                    found.append(int(name))
    return found
