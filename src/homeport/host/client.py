"""Through whose eyes is looked: the environment, namespace and limits of a client.

That of this process, or of another one (`--as PID`), as far as it may be read.
"""

from __future__ import annotations

import os

from homeport.host.netns import current_inode
from homeport.host.pulse import process_pulse
from homeport.model.errors import NotFound, NotPermitted
from homeport.model.record import NamedTuple
from homeport.model.snapshot import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Client(NamedTuple):
    """Who wants to reach the service.

    `environment` are its variables. `namespace` is its network namespace, None for our own.
    `root` is the directory below which its files lie, `cwd` where it works. `own` says that it is
    this very process.
    """

    pid: int
    uid: int
    environment: Mapping[str, str]
    namespace: Namespace | None = None
    root: str = "/"
    cwd: str = "/"
    descriptors: int | None = None
    descriptor_limit: int | None = None
    own: bool = True
    looker: int | None = None


def client(pid: int | None, proc: str = "/proc") -> Client:
    """This process, or another. Raises `NotFound`, `NotPermitted`."""
    if pid is None:
        own = os.getpid()
        return Client(own, os.geteuid(), dict(os.environ), cwd=os.getcwd(), looker=own)
    pulse = process_pulse(pid, proc)
    if pulse is None:
        raise NotFound(
            f"there is no process {pid}", next_step="homeport ls shows those that listen"
        )
    try:
        with open(f"{proc}/{pid}/environ", "rb") as file:
            environment = _variables(file.read(1 << 20))
        cwd = os.readlink(f"{proc}/{pid}/cwd")
        inode = int(os.readlink(f"{proc}/{pid}/ns/net").partition("[")[2].removesuffix("]"))
    except (OSError, ValueError) as error:
        raise NotPermitted(
            f"process {pid} does not let itself be looked at",
            why=str(error),
            next_step="run as its user, or as root",
        ) from error
    same = inode == current_inode(proc=proc)
    return Client(
        pid=pid,
        uid=os.stat(f"{proc}/{pid}").st_uid,
        environment=environment,
        namespace=None if same else Namespace(inode, pid=pid),
        root=f"{proc}/{pid}/root/",
        cwd=cwd,
        descriptors=pulse.descriptors,
        descriptor_limit=pulse.descriptor_limit,
        own=False,
        looker=os.getpid(),
    )


def _variables(data: bytes) -> dict[str, str]:
    entries = (each.decode("utf-8", "replace").partition("=") for each in data.split(b"\0"))
    return {name: value for name, equals, value in entries if equals}
