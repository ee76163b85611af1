"""By which means a program and all that it starts can be ended here."""

from __future__ import annotations

import os
import sys

from homeport.model.record import NamedTuple


class Capabilities(NamedTuple):
    """What this system offers.

    `adopts`: a process can become the parent of its orphaned descendants, so that nothing escapes;
    without it (macOS, BSD) a process that detaches itself between two looks is missed. `cgroups`:
    a cgroup is tried, for limits that hold for all together and for an end in one stroke.
    """

    adopts: bool
    cgroups: bool


def capabilities() -> Capabilities:
    """Those of this system; whether this user may make a cgroup shows when one is made."""
    linux = sys.platform == "linux"
    return Capabilities(adopts=linux, cgroups=linux and os.path.isdir("/sys/fs/cgroup"))
