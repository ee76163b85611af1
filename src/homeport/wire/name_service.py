"""The files by which the C library finds names: hosts(5) and nsswitch.conf(5)."""

from __future__ import annotations

import re

_ACTION = re.compile(r"\[[^\]]*(?:\]|$)")


def parse_hosts(data: bytes) -> dict[str, tuple[str, ...]]:
    """The addresses of each name, lower case, in the order of the file."""
    found: dict[str, list[str]] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name.lower(), []).append(address)
    return {name: tuple(addresses) for name, addresses in found.items()}


def parse_hosts_order(data: bytes) -> tuple[str, ...]:
    """The sources of host names in nsswitch.conf, without what is to be done with their answers."""
    for line in data.decode("utf-8", "replace").splitlines():
        database, colon, sources = line.partition("#")[0].partition(":")
        if colon and database.strip() == "hosts":
            return tuple(_ACTION.sub(" ", sources).split())
    return ()
