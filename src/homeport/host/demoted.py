"""How root runs a server that refuses to be run by root, and where the data of such a one lies.

In a user namespace in which root has another number (user_namespaces(7)): to the server it is an
ordinary user, to everybody else its files are root's, and nobody gets in who could not before.
Where namespaces are not allowed, in most containers, it runs as another user; that one has to
reach its data, which root's own directories do not let it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACE = "/var/lib/homeport"
_ORDINARY = 65534
_PATIENCE_S = 10


def demotion(*users: str) -> tuple[str, ...]:
    """What has to stand before a command line so that it does not run as root.

    Nothing where we are not root; the command keeps the pid. `users` are whom to try where a
    namespace cannot be had, before `nobody`.
    """
    if os.geteuid() != 0:
        return ()
    return _namespace() or _another_user(users)


def home_of(data_dir: str, prefix: Sequence[str]) -> str:
    """The directory in which a command that `prefix` was put before can keep its data."""
    if not _is_another_user(prefix):
        return data_dir
    return os.path.join(_PLACE, sha256(os.fsencode(data_dir)).hexdigest()[:20])


def owner_of(prefix: Sequence[str]) -> str | None:
    """`uid:gid` of the other user that `prefix` makes of root, None where it makes none."""
    if not _is_another_user(prefix):
        return None
    numbers = [word.partition("=")[2] for word in prefix if word.startswith(("--reuid", "--regid"))]
    return ":".join(numbers)


def _is_another_user(prefix: Sequence[str]) -> bool:
    return any(word.startswith("--reuid=") for word in prefix)


@lru_cache(maxsize=1)
def _namespace() -> tuple[str, ...] | None:
    program = shutil.which("unshare", path="/usr/bin:/bin")
    if program is None:
        return None
    ids = (f"--map-user={_ORDINARY}", f"--map-group={_ORDINARY}")
    prefix = (program, "--user", *ids, "--")
    try:
        done = subprocess.run(
            [*prefix, "true"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return prefix if done.returncode == 0 else None


def _another_user(users: Sequence[str]) -> tuple[str, ...]:
    import pwd

    program = shutil.which("setpriv", path="/usr/bin:/bin")
    if program is None:
        return ()
    uid = gid = _ORDINARY
    for name in users:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        uid, gid = found.pw_uid, found.pw_gid
        break
    return (program, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--")
