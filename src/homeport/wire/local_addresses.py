"""The addresses of one network namespace: /proc/PID/net/fib_trie and if_inet6 beside it."""

from __future__ import annotations

import socket


def parse_fib_trie(data: bytes) -> frozenset[str]:
    """The IPv4 addresses that are delivered locally: leaves (`|-- address`) of type `LOCAL`."""
    found, leaf = set(), ""
    for line in data.decode("ascii", "replace").splitlines():
        words = line.split()
        if words[:1] == ["|--"]:
            leaf = words[-1]
        elif leaf and words[-1:] == ["LOCAL"] and words[0] == "/32":
            found.add(leaf)
    return frozenset(found)


def parse_if_inet6(data: bytes) -> frozenset[str]:
    """The IPv6 addresses: 32 hexadecimal digits at the start of each line."""
    found = set()
    for line in data.decode("ascii", "replace").splitlines():
        try:
            packed = bytes.fromhex(line.split(" ", 1)[0])
            found.add(socket.inet_ntop(socket.AF_INET6, packed))
        except ValueError:
            continue
    return frozenset(found)
