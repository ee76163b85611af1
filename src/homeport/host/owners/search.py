"""The question and the answer of "who holds these sockets", common to every way of finding out."""

from __future__ import annotations

from homeport.model.process import Certainty
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class SocketHint(NamedTuple):
    """What the socket table tells about a socket whose holders are wanted.

    `uid` is the user who made it (None: not told), `cgroup_id` the inode of the cgroup's
    directory in which it was made.
    """

    uid: int | None = None
    cgroup_id: int | None = None


class OwnerSearch(NamedTuple):
    """Who holds the wanted sockets.

    `holders`: socket inode -> pids, ascending. `doubts`: the certainty of those inodes for which
    it does not follow from the rest; ask `certainty(inode)`. `everything_seen`: every process of
    the machine was looked at. `hidden_processes`: how many were refused to this user.
    `start_ticks`: pid -> field 22 of /proc/PID/stat, for holders of which it was learned on the
    way. `namespaces`: network namespace inode -> a pid in it, learned on the way. `refused`: why a
    better strategy was not used, for people.
    """

    holders: dict[int, tuple[int, ...]]
    strategy: str
    everything_seen: bool
    hidden_processes: int = 0
    doubts: Mapping[int, Certainty] = {}
    start_ticks: Mapping[int, int] = {}
    namespaces: Mapping[int, int] = {}
    refused: tuple[str, ...] = ()

    def certainty(self, inode: int) -> Certainty:
        """How sure `holders` is about this socket."""
        if inode in self.doubts:
            return self.doubts[inode]
        if inode in self.holders:
            return Certainty.SEEN
        return Certainty.UNOWNED if self.everything_seen else Certainty.HIDDEN
