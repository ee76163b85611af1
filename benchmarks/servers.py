"""Real servers: what describes one, and how many of them are started and ended again.

All listen on 127.0.0.1, in directories of their own, on ports that are nobody's default: below
those that the kernel assigns, above those that the tests lease.
"""

import contextlib
import os
import shlex
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.see.identify.web_applications import certificate, home
from tests.servers.shared import ORDINARY
from tests.support import SBIN, need, spawn

PORTS = range(32_000, 32_700)
PORT, PLACE = "PORT", "PLACE"


class Truth(NamedTuple):
    """What a server is: any of these protocols, and any of these words in the product's name.

    `tls`: within a TLS session from the first byte. Where a framework runs in a server of another
    name, both names are right.
    """

    protocols: tuple[str, ...]
    products: tuple[str, ...]
    tls: bool = False


class Server(NamedTuple):
    """How to start one: its files, what runs first, its command; `PORT` and `PLACE` are put in.

    `copies` are for the load of a hundred.
    `ready` is what it prints; without it a listening socket is enough.
    """

    name: str
    truth: Truth
    command: str
    files: dict[str, str] = {}  # noqa: RUF012  (a default that nobody changes)
    first: Sequence[str] = ()
    ordinary: bool = False
    ready: str | None = None
    copies: int = 1
    env: dict[str, str] = {}  # noqa: RUF012  (the same)


class Started(NamedTuple):
    """A server that runs, and its port."""

    server: Server
    port: int


def filled_in(text: str, port: int, place: Path) -> str:
    """A word or a file with its port, its directory and its display put in."""
    display = f":{port - 6000}"
    return text.replace("DISPLAY", display).replace(PORT, str(port)).replace(PLACE, str(place))


def environment(server: Server, port: int, place: Path) -> dict[str, str]:
    """Where it finds programs, and where it may keep what it likes."""
    more = {name: filled_in(value, port, place) for name, value in server.env.items()}
    return {**os.environ, **home(place), "PATH": f"{os.environ['PATH']}:{SBIN}", **more}


@contextlib.contextmanager
def running(server: Server, port: int) -> Iterator[Started]:
    """One server, for the block; skips (`pytest.skip`) where its program is missing."""
    with tempfile.TemporaryDirectory(prefix="homeport-server-") as name:
        place, user = Path(name), ORDINARY if server.ordinary else None
        place.chmod(0o755)
        certificate(place)
        for file, text in server.files.items():
            (place / file).write_text(filled_in(text, port, place))
        for path in (place, *place.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if user is not None:
                os.chown(path, user.uid, user.gid)
        env = environment(server, port, place)
        for each in server.first:
            with spawn(command(each, port, place), user=user, cwd=place, env=env) as preparing:
                if preparing.process.wait(60):
                    raise RuntimeError(preparing.output)
        argv, ready = command(server.command, port, place), server.ready or port
        with spawn(argv, ready=ready, user=user, cwd=place, env=env):
            yield Started(server, port)


def command(line: str, port: int, place: Path) -> list[str]:
    """The words of a command line, with the path of its program."""
    program, *words = shlex.split(line)
    path = need(program, package=program)
    return [path, *(filled_in(each, port, place) for each in words)]


def free_ports() -> Iterator[int]:
    """Ports that nobody has at the moment."""
    for port in PORTS:
        with socket.socket() as trial:
            taken = trial.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            yield port


@contextlib.contextmanager
def load(servers: Sequence[Server], listeners: int) -> Iterator[tuple[list[Started], list[str]]]:
    """Every server once, then further ones until there are so many; and what is not installed."""
    with contextlib.ExitStack() as stack:
        copies = [each for each in servers for _ in range(each.copies - 1)]
        wanted = [*servers, *copies][: max(listeners, len(servers))]
        started, missing = [], []
        for server, port in zip(wanted, free_ports(), strict=False):
            try:
                started.append(stack.enter_context(running(server, port)))
            except pytest.skip.Exception:
                missing.append(server.name)
        yield started, missing
