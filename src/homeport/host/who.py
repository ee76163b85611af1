"""Who is asking: the uids of the person at the terminal, and what this process runs in."""

from __future__ import annotations

import os


def own_uids() -> frozenset[int]:
    """The uid of this process and, under sudo, that of the person who typed it (sudo(8))."""
    uids = {os.getuid()}
    behind_sudo = os.environ.get("SUDO_UID", "")
    if os.getuid() == 0 and behind_sudo.isascii() and behind_sudo.isdigit():
        uids.add(int(behind_sudo))
    return frozenset(uids)


def own_line(proc: str = "/proc") -> frozenset[int]:
    """The pids of this process and of all its ancestors: the shell and the terminal among them."""
    from homeport.host.processes import ProcessReader

    own = ProcessReader(proc).process(os.getpid())
    ancestors = own.ancestry if own and own.ancestry else ()
    return frozenset({os.getpid(), os.getppid(), *(each.pid for each in ancestors)})


def user_exists(name: str) -> bool:
    """Whether the system knows a user of that name (getpwnam(3))."""
    import pwd

    try:
        return bool(pwd.getpwnam(name))
    except (KeyError, ValueError):
        return False
