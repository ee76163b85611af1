"""As whom a program runs."""

from __future__ import annotations

import os
import pwd

from homeport.model.errors import NotFound, NotPermitted
from homeport.model.record import NamedTuple


class Identity(NamedTuple):
    """Ids of a user and of all their groups."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]


def identity_of(user: str | None) -> Identity | None:
    """Whom to become for a user; None where that is who we are. Raises `NotFound`, `NotPermitted`.

    Looked up before anything is forked: the database of users may be a directory in the network.
    """
    if user is None:
        return None
    try:
        entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
    except (KeyError, OverflowError):
        raise NotFound(f"there is no user {user!r}", next_step="getent passwd lists them") from None
    if entry.pw_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        raise NotPermitted(
            f"a program cannot be run as {user}",
            why="only root may run programs as somebody else",
            next_step=f"leave `user` out, or use sudo -u {user}",
        )
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))
