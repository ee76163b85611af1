"""What systemd lets a unit reach and bind, asked of it by systemctl(1). Linux with systemd."""

from __future__ import annotations

import os
import shutil
import subprocess

from homeport.wire.unit_limits import PROPERTIES, UnitLimits, parse_unit_limits

_TIMEOUT_S = 1
_PLACES = "/usr/bin:/bin"


def unit_limits(unit: str) -> UnitLimits | None:
    """The lists of a unit of the system; None where systemd does not run, or does not answer."""
    systemctl = shutil.which("systemctl", path=_PLACES)
    # sd_booted(3): this directory is there where systemd is the service manager.
    if systemctl is None or not os.path.isdir("/run/systemd/system") or unit.startswith("-"):
        return None
    try:
        done = subprocess.run(
            [systemctl, "show", unit, f"--property={','.join(PROPERTIES)}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_unit_limits(unit, done.stdout) if done.returncode == 0 else None
