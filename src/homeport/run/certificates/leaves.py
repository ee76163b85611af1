"""The certificate of each host on disk, key and all, made anew before it is due.

A file here is worth a millisecond: one that cannot be used is replaced, without a word.
"""

from __future__ import annotations

import os

from homeport.host.files import read_private, write_atomically
from homeport.host.stored import keep_newest, remove_file
from homeport.model.record import NamedTuple
from homeport.run.certificates.authority import leaf_path
from homeport.run.certificates.issuing import Pair, due_ns, make_leaf, pair_of, serves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.host.clock import Clock

MOST_KEPT = 1000


class Leaf(NamedTuple):
    """A file with the key and the certificate of a host, and when that has to be made anew."""

    path: str
    due_ns: int


def leaf(host: str, signer: Pair, clock: Clock) -> Leaf:
    """The certificate for a host, which is a name that `local_name` gave."""
    path = leaf_path(host)
    found = _usable(read_private(path, limit=1 << 16))
    if found is None or not serves(found, host, signer, clock.now_ns()):
        found = make_leaf(signer, host, clock.now_ns())
        write_atomically(path, found.pem)
        keep_newest(os.path.dirname(path), MOST_KEPT)
    return Leaf(path, due_ns(found.certificate))


def forget(hosts: Iterable[str]) -> None:
    """Deletes the certificates of hosts that are not served again."""
    for host in hosts:
        remove_file(leaf_path(host))


def _usable(data: bytes | None) -> Pair | None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return pair_of(data) if data else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
