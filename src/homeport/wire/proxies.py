"""Which proxy a client goes through, by its environment variables, as curl(1) reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def proxy_for(scheme: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that decides and the proxy that it names; None: the client goes directly.

    WebSocket goes the way of HTTP. HTTP_PROXY in capitals is heeded by most, not by curl.
    """
    name = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    for variable in (f"{name}_proxy", f"{name}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        if environment.get(variable):
            return variable, environment[variable]
    return None


def bypassed(host: str, port: int, environment: Mapping[str, str]) -> bool:
    """Whether NO_PROXY excepts the host: by name, by suffix, by address block, or all with `*`."""
    excepted = environment.get("no_proxy", environment.get("NO_PROXY", ""))
    return any(_covers(each.strip(), host, port) for each in excepted.split(",") if each.strip())


_WITH_PORT = re.compile(r"([^:]*|\[.*\]):([0-9]+)")


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    found = _WITH_PORT.fullmatch(entry)
    if found:
        if found[2].lstrip("0") != str(port):
            return False
        entry = found[1]
    entry = entry.strip("[]").lstrip(".").lower()
    host = host.lower().rstrip(".")
    if not entry or not host:
        return False
    return host == entry or host.endswith(f".{entry}") or _in_block(host, entry)


def _in_block(host: str, block: str) -> bool:
    from ipaddress import ip_address, ip_network

    if "/" not in block:
        return False
    try:
        return ip_address(host) in ip_network(block, strict=False)
    except ValueError:
        return False
