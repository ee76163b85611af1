"""Policy routing of the calling thread's network namespace, by ip(8) of iproute2. Linux."""

from __future__ import annotations

import shutil
import subprocess

from homeport.model.address import is_ipv6
from homeport.model.errors import BrokenMessage
from homeport.wire.policy_routing import PolicyRule, Way, parse_link_type, parse_rules, parse_way

_TIMEOUT_S = 2
_PLACES = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"


def policy_rules() -> tuple[PolicyRule, ...] | None:
    """The rules of both families; None where they cannot be looked at."""
    found: list[PolicyRule] = []
    for family in (4, 6):
        data = _asked(f"-{family}", "-json", "rule", "show")
        if data is None:
            return None
        try:
            found += parse_rules(data, family)
        except BrokenMessage:
            return None
    return tuple(found)


def way_to(address: str) -> Way | None:
    """Where the kernel would send what goes to an address; None where it knows no way."""
    plain = address.partition("%")[0]
    data = _asked("-6" if is_ipv6(plain) else "-4", "-json", "route", "get", plain)
    return None if data is None else parse_way(address, data)


def is_tunnel(interface: str) -> bool:
    """Whether an interface has no link layer, as those of VPNs (tun, WireGuard)."""
    data = _asked("-json", "link", "show", "dev", interface)
    return data is not None and parse_link_type(data) == "none"


def _asked(*words: str) -> bytes | None:
    ip = shutil.which("ip", path=_PLACES)
    if ip is None:
        return None
    try:
        done = subprocess.run(
            [ip, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
