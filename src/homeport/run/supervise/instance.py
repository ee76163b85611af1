"""An instance: one project directory whose services run, and where all that is its own lies.

Each git worktree is a directory of its own and so an instance of its own: its ports, its data, its
logs. What must be gone after a boot (lock, control socket) is in the runtime directory, what must
stay (data, passwords, logs) in the state directory.
"""

from __future__ import annotations

import os

from homeport.host import files
from homeport.model.errors import StateUnusable
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSWORD_BYTES = 24


class Instance(NamedTuple):
    """A project's directory (`root`, absolute, links resolved) and its name in paths."""

    root: str
    id: str

    @property
    def runtime_dir(self) -> str:
        """Lock and control socket."""
        return os.path.join(running_dir(), self.id)

    @property
    def lock_path(self) -> str:
        """Held by the supervisor and every shim: free when nothing of the instance is left."""
        return os.path.join(self.runtime_dir, "lock")

    @property
    def control_path(self) -> str:
        """The socket on which the supervisor is asked."""
        return os.path.join(self.runtime_dir, "control")

    @property
    def state_dir(self) -> str:
        """What outlives a boot."""
        return os.path.join(files.state_dir(), "projects", self.id)

    @property
    def data_lock_path(self) -> str:
        """Held as `lock_path` is: the same data may be reached with another runtime directory."""
        return os.path.join(self.state_dir, "lock")

    def data_dir(self, service: str) -> str:
        """The directory of a service's data; it need not exist yet."""
        return os.path.join(self.state_dir, "data", service)

    def log_path(self, service: str) -> str:
        """The file to which a service's lines are written."""
        return os.path.join(self.state_dir, "logs", f"{service}.log")

    def logged_services(self) -> list[str]:
        """The services of which lines are kept."""
        names = files.names_in(os.path.join(self.state_dir, "logs"))
        return [name.removesuffix(".log") for name in names if name.endswith(".log")]

    @property
    def supervisor_log(self) -> str:
        """What a supervisor in the background complains of."""
        return os.path.join(self.runtime_dir, "supervisor.log")


def instance_of(root: str, label: str, part: str = "") -> Instance:
    """The instance of a directory; `label` only makes its name easier to read.

    `part` tells several of one directory apart.
    """
    real = os.path.realpath(root)
    return Instance(real, f"{label[:24]}-{_digest(real, part)}")


def _digest(root: str, part: str = "") -> str:
    from hashlib import blake2b

    return blake2b(os.fsencode(f"{root}\0{part}"), digest_size=4).hexdigest()


def known_instance(directory: str) -> Instance | None:
    """The instance that was there before of a directory, or of the nearest one above it."""
    kept = os.path.join(files.state_dir(), "projects")
    names = {name.rpartition("-")[2]: name for name in files.names_in(kept)}
    root = os.path.realpath(directory)
    while True:
        name = names.get(_digest(root))
        if name is not None:
            return Instance(root, name)
        above = os.path.dirname(root)
        if above == root:
            return None
        root = above


def running_instances(directory: str) -> Iterator[Instance]:
    """Those that run, or did until now, of a directory and those above it, the nearest first.

    Only the projects' own ones: what other programs run there for themselves (`part`) is theirs.
    """
    names = {name.rpartition("-")[2]: name for name in files.names_in(running_dir())}
    root = os.path.realpath(directory)
    while True:
        name = names.get(_digest(root))
        if name is not None:
            yield Instance(root, name)
        above = os.path.dirname(root)
        if above == root:
            return
        root = above


def running_dir() -> str:
    """Where each instance that runs has its directory."""
    return os.path.join(files.runtime_dir(), "up")


def password_of(instance: Instance, service: str) -> str:
    """The password of a service, made at the first call; mode 0600. Raises `StateUnusable`."""
    path = os.path.join(instance.state_dir, "passwords", service)
    known = files.read_private(path, limit=1024)
    if known:
        return known.decode("ascii", "replace").strip()
    if known is None and files.exists(path):
        # Another one would lock us out of the database that was made with this.
        raise StateUnusable(
            f"the password in {path} is not safe to use",
            why="others may write to it or to its directory, or it is no file of yours",
            next_step=f"chmod 700 {os.path.dirname(path)}; chmod 600 {path}",
        )
    from secrets import token_urlsafe

    made = token_urlsafe(_PASSWORD_BYTES)
    files.write_atomically(path, made.encode(), durable=True)
    return made
