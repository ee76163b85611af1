"""The name servers that the C library asks: resolv.conf(5)."""

from __future__ import annotations


def parse_nameservers(data: bytes) -> tuple[str, ...]:
    """Their addresses, in the order in which they are asked."""
    lines = [line.split() for line in data.decode("utf-8", "replace").splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")
