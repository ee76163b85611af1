"""Trust in the local authority: where it is installed, and which clients were seen to trust it."""

from __future__ import annotations

from homeport.model.record import NamedTuple


class AuthorityFacts(NamedTuple):
    """The user's local authority.

    `path` holds its certificate without the key; `fingerprint` is its SHA-256 in hexadecimal.
    """

    path: str
    name: str
    fingerprint: str
    not_before_ns: int
    not_after_ns: int
