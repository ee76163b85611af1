"""The routes of the calling thread's network namespace, by ip(8) of iproute2. Linux."""

from __future__ import annotations

import shutil
import subprocess

from homeport.model.errors import BrokenMessage
from homeport.wire.routes import DeadEnd, parse_dead_ends

_TIMEOUT_S = 2
_PLACES = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"


def dead_ends() -> tuple[DeadEnd, ...] | None:
    """The routes that end nowhere, of both families; None where they cannot be looked at."""
    ip = shutil.which("ip", path=_PLACES)
    if ip is None:
        return None
    try:
        found = [
            subprocess.run(
                [ip, family, "-json", "route", "show", "table", "all"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            ).stdout
            for family in ("-4", "-6")
        ]
        return tuple(each for data in found for each in parse_dead_ends(data))
    except (OSError, subprocess.TimeoutExpired, BrokenMessage):
        return None
