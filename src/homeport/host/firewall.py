"""The firewall of a network namespace, read and never touched. Linux: nftables, by nft(8)."""

from __future__ import annotations

import os

from homeport.host.privileges import CAP_NET_ADMIN, effective_capabilities
from homeport.model.errors import BrokenMessage, NotPermitted, NotSupported
from homeport.wire.nftables import FirewallRule, parse_ruleset

_TIMEOUT_S = 5
_PROGRAMS = ("/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft")


def firewall_rules() -> tuple[FirewallRule, ...]:
    """The rules that nftables has for the calling thread's network namespace.

    Rules made by iptables are among them where iptables is the one of nftables, as it is on every
    distribution of today. Raises `NotPermitted` (it takes CAP_NET_ADMIN), `NotSupported` where
    there is no nft.
    """
    if not effective_capabilities() >> CAP_NET_ADMIN & 1:
        raise _forbidden("that takes CAP_NET_ADMIN")
    nft = next((path for path in _PROGRAMS if os.access(path, os.X_OK)), None)
    if nft is None:
        raise NotSupported(
            "the firewall cannot be read: there is no nft",
            next_step="install the package nftables",
        )
    printed = _printed([nft, "--json", "list", "ruleset"])
    try:
        return parse_ruleset(printed)
    except BrokenMessage as error:
        raise NotSupported(error.what, why=error.why) from error


def _printed(argv: list[str]) -> bytes:
    import subprocess

    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={"LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotSupported("the firewall cannot be read", why=str(error)) from error
    if done.returncode != 0:
        raise _forbidden(done.stderr.decode("utf-8", "replace").partition("\n")[0])
    return done.stdout


def _forbidden(why: str) -> NotPermitted:
    return NotPermitted(
        "the firewall may not be read", why=why, next_step="run as root to have it looked at"
    )
