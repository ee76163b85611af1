"""The question and the answer of "who holds these sockets", common to every way of finding out."""

from __future__ import annotations

from itertools import chain

from homeport.model.process import Certainty
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeport.host.processes import Brief


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
    the machine was looked at. `hidden_processes`: how many were refused to this user. Learned on
    the way: `briefs`, pid -> who that is, for some holders, and `namespaces`, network namespace
    inode -> a pid in it. `refused`: why a better strategy was not used, for people.
    """

    holders: dict[int, tuple[int, ...]]
    strategy: str
    everything_seen: bool
    hidden_processes: int = 0
    doubts: Mapping[int, Certainty] = {}
    briefs: Mapping[int, Brief] = {}
    namespaces: Mapping[int, int] = {}
    refused: tuple[str, ...] = ()

    def pids(self) -> frozenset[int]:
        """Everybody who holds one of them."""
        return frozenset(chain.from_iterable(self.holders.values()))

    def certainty(self, inode: int) -> Certainty:
        """How sure `holders` is about this socket."""
        if inode in self.doubts:
            return self.doubts[inode]
        if inode in self.holders:
            return Certainty.SEEN
        return Certainty.UNOWNED if self.everything_seen else Certainty.HIDDEN
