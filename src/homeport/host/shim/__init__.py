"""A shim for each program: nothing that the program starts outlives it, nor the supervisor.

The supervisor forks it, since a fresh interpreter would cost a start of its own. It collects all
orphans of the program, and sees the end of the supervisor, however that came, as the end of the
channel between them. Forking is only safe in a process without threads.
"""

from __future__ import annotations

from homeport.host.shim.capabilities import Capabilities, capabilities
from homeport.host.shim.limits import take_more_open_files
from homeport.host.shim.orphans import become_subreaper, end_orphans
from homeport.host.shim.spawned import Spawned, spawn

__all__ = [
    "Capabilities",
    "Spawned",
    "become_subreaper",
    "capabilities",
    "end_orphans",
    "spawn",
    "take_more_open_files",
]
