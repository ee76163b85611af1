"""The configuration of a reverse proxy that runs here: which files it reads, and what they say.

By its command line (nginx(8): -c, -p; caddy: --config, --to; haproxy(1): -f), failing that where
its package puts it. Files are read as the process sees them, below its root.
"""

from __future__ import annotations

import glob
import os
from functools import partial

from homeport.model.record import NamedTuple
from homeport.wire.caddy_conf import caddy_upstreams, haproxy_upstreams, upstream_address
from homeport.wire.nginx_conf import Passed, parse_nginx, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.process import Process

_LARGEST = 1 << 20


class _Running(NamedTuple):
    """A proxy: its name, its words, and the directory in which relative names begin."""

    name: str
    words: tuple[str, ...]
    root: str
    cwd: str


def passed_on(owners: Iterable[Process], port: int, path: str) -> tuple[Passed, ...]:
    """Where the proxy that holds a port passes a path; empty where nobody is known as one."""
    for each in owners:
        running = _running(each)
        if running is not None and (found := _READERS[running.name](running, port, path)):
            return found
    return ()


def _running(process: Process) -> _Running | None:
    """The proxy that a process is, or is a worker of."""
    lines = [process.argv or (), *(each.argv for each in (process.ancestry or ())[:2])]
    for argv in lines:
        words = tuple(" ".join(argv).split())
        words = words[3:] if words[:3] == ("nginx:", "master", "process") else words
        name = words[0].rpartition("/")[2] if words else ""
        if name in _READERS:
            return _Running(name, words[1:], f"/proc/{process.pid}/root", process.cwd or "/")
    return None


def _option(words: Sequence[str], *names: str) -> str | None:
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else next(iter(words[place + 1 :]), None)
        short = next((each for each in names if len(each) == 2 and word.startswith(each)), None)
        if short is not None and len(word) > 2:
            return word[2:]
    return None


def _nginx(running: _Running, port: int, path: str) -> tuple[Passed, ...]:
    prefix = os.path.join(running.cwd, _option(running.words, "-p") or "/etc/nginx")
    named = _option(running.words, "-c")
    standard = "nginx.conf" if prefix == "/etc/nginx" else "conf/nginx.conf"
    file = os.path.join(prefix, named or standard)
    text = _read(running, file)
    if text is None:
        return ()
    included = partial(_included, running, os.path.dirname(file))
    return passed(parse_nginx(text, file, included), port, path)


def _included(running: _Running, directory: str, pattern: str) -> list[tuple[str, str]]:
    whole = running.root + os.path.join(directory, pattern)
    names = [each.removeprefix(running.root) for each in sorted(glob.glob(whole))]
    texts = [(name, _read(running, name)) for name in names]
    return [(name, text) for name, text in texts if text is not None]


def _caddy(running: _Running, _port: int, _path: str) -> tuple[Passed, ...]:
    to = _option(running.words, "--to", "-t")
    if to is not None:
        address = upstream_address(to)
        return () if address is None else (Passed(address, f"caddy --to {to}", upgrades=True),)
    named = _option(running.words, "--config", "-c")
    for name in [named] if named else ["Caddyfile", "/etc/caddy/Caddyfile"]:
        file = os.path.join(running.cwd, name)
        if text := _read(running, file):
            lines = caddy_upstreams(text)
            return tuple(Passed(to, f"{file}:{line}", upgrades=True) for line, to in lines)
    return ()


def _haproxy(running: _Running, _port: int, _path: str) -> tuple[Passed, ...]:
    file = os.path.join(running.cwd, _option(running.words, "-f") or "/etc/haproxy/haproxy.cfg")
    return tuple(
        Passed(address, f"{file}:{line}", upgrades=True)
        for line, address in haproxy_upstreams(_read(running, file) or "")
    )


def _read(running: _Running, path: str) -> str | None:
    for place in (running.root + path, path):
        try:
            with open(place, "rb") as file:
                return file.read(_LARGEST).decode("utf-8", "replace")
        except OSError:
            continue
    return None


_READERS = {"nginx": _nginx, "caddy": _caddy, "haproxy": _haproxy}
