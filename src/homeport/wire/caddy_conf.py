"""Where Caddy and HAProxy pass requests on to: the lines of their configuration that say so.

Caddyfile: `reverse_proxy` with its upstreams in the line, or as `to` in its block. haproxy.cfg:
`server NAME ADDRESS` within `backend` or `listen`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CADDY = re.compile(r"^\s*(?:reverse_proxy|to)\s+([^{#\n]+)")
_HAPROXY = re.compile(r"^\s*server\s+\S+\s+(\S+)")
_ADDRESS = re.compile(r"^(?:h2c://|https?://)?(\[[0-9a-fA-F:]+\]|[\w.-]*):(\d{1,5})$")


def caddy_upstreams(text: str) -> Iterator[tuple[int, str]]:
    """Line and `host:port` of each upstream of a Caddyfile; placeholders are left out."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _CADDY.match(line)
        for word in found.group(1).split() if found else ():
            if address := upstream_address(word):
                yield number, address


def haproxy_upstreams(text: str) -> Iterator[tuple[int, str]]:
    """The same of a haproxy.cfg."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _HAPROXY.match(line)
        if found and (address := upstream_address(found.group(1))):
            yield number, address


def upstream_address(word: str) -> str | None:
    """`host:port` of an address as proxies write it: `:9000` is one of this machine."""
    found = _ADDRESS.match(word)
    if found is None or int(found.group(2)) > 65535:
        return None
    return f"{found.group(1) or 'localhost'}:{int(found.group(2))}"
