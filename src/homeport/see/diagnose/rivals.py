"""Processes that were meant to have a port which somebody else has got."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.process import Process

_CLIENTS = frozenset(
    {"curl", "wget", "ssh", "psql", "mysql", "redis-cli", "mongosh", "nc", "ncat", "telnet", "ab"}
    | {"wrk", "hey", "docker", "podman", "kubectl", "tail", "less", "vim", "nano", "grep", "watch"}
    | {"homeport", "pytest", "strace", "tcpdump", "gdb", "ngrok", "cloudflared", "timeout", "ss"}
    | {"nft", "sleep", "ip", "lsof", "wait-for-it", "chrome", "firefox", "httpie", "http", "nmap"}
)
_OPTIONS = re.compile(r"(--?(port|listen|bind|addr|address|http|b|p|P|l)|.*PORT)$", re.IGNORECASE)


def serves(process: Process, port: int) -> bool:
    """Whether its command line looks as if it was to listen on the port, not to connect there."""
    argv = process.argv or ()
    if not argv or process.name in _CLIENTS or argv[0].rpartition("/")[2] in _CLIENTS:
        return False
    for before, word in itertools.pairwise(argv):
        if word == str(port) and (_OPTIONS.match(before) or not before.startswith("-")):
            return True
        if word.endswith(f":{port}") and (_OPTIONS.match(before) or before == "runserver"):
            return True
    return any(_names(word, port) for word in argv[1:])


def _names(word: str, port: int) -> bool:
    """`--port=8000`, `0.0.0.0:8000`, `:8000`; but `localhost:8000` is where clients go, too."""
    option, _, value = word.rpartition("=")
    if value == str(port) and _OPTIONS.match(option):
        return True
    return bool(re.fullmatch(rf"(|0\.0\.0\.0|\[::\]):{port}", word))


def came_later(process: Process, owners: Sequence[Process]) -> bool:
    """Whether it was started after all owners: who comes first gets the port."""
    return all(each.start_ticks < process.start_ticks for each in owners)


def are_strangers(process: Process, owners: Sequence[Process]) -> bool:
    """Whether a process has nothing to do with any of the owners: no tree, no directory."""
    lines = {process.pid, *_above(process)}
    for owner in owners:
        # The shell or the service manager above both of them is no relation.
        if owner.pid in lines or process.pid in _above(owner):
            return False
        if _place(owner) is None or _place(owner) == _place(process):
            return False
        if owner.container != process.container:
            return False
    return _place(process) is not None


def _above(process: Process) -> set[int]:
    return {step.pid for step in process.ancestry or ()}


def _place(process: Process) -> str | None:
    return process.project.root if process.project is not None else process.cwd
