"""The firewall of a network namespace, read and never touched. Linux: nftables, by nft(8)."""

from __future__ import annotations

import shutil
import subprocess

from homeport.model.errors import BrokenMessage, NotPermitted, NotSupported
from homeport.wire.nftables import FirewallRule, parse_ruleset

_TIMEOUT_S = 5
_PLACES = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"


def firewall_rules() -> tuple[FirewallRule, ...]:
    """The rules that nftables has for the calling thread's network namespace.

    Rules made by iptables are among them where iptables is the one of nftables, as it is on every
    distribution of today. Raises `NotPermitted` (it takes CAP_NET_ADMIN), `NotSupported` where
    there is no nft.
    """
    nft = shutil.which("nft", path=_PLACES)
    if nft is None:
        raise NotSupported(
            "the firewall cannot be read: there is no nft",
            next_step="install the package nftables",
        )
    try:
        done = subprocess.run(
            [nft, "--json", "list", "ruleset"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={"LC_ALL": "C", "PATH": _PLACES},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotSupported("the firewall cannot be read", why=str(error)) from error
    if done.returncode != 0:
        raise NotPermitted(
            "the firewall may not be read",
            why=done.stderr.decode("utf-8", "replace").partition("\n")[0],
            next_step="run as root to have it looked at",
        )
    try:
        return parse_ruleset(done.stdout)
    except BrokenMessage as error:
        raise NotSupported(error.what, why=error.why) from error
