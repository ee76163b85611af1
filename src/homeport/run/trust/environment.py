"""The environment in which a program without a store of its own trusts the local authority.

What it trusted before it trusts still: each file that a variable names is a copy of the one that
was used until then, with the authority added.
"""

from __future__ import annotations

import os
from hashlib import sha256

from homeport.host.files import cache_dir, exists, read_private, write_atomically
from homeport.host.stored import remove_tree
from homeport.host.trust_stores import content, environment
from homeport.run.certificates.authority import kept_path, root_path
from homeport.run.trust.system import bundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ADDING = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
"""Variables that add to what is trusted anyway: node, bun; deno."""

REPLACING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that replace it: OpenSSL, Ruby, Go, httpx; requests, pip; curl."""


def client_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables to set, on top of `environ` (of this process); none without an authority.

    Where the system has no bundle that could be copied only those that add are set. Raises
    `StateUnusable`.
    """
    # Not by reading it: the library for that takes longer than `up` may. One that others could have
    # written is none.
    if read_private(root_path()) is None or not exists(kept_path()):
        return {}
    before = environment() if environ is None else environ
    named = {name: _added_to(before.get(name)) or root_path() for name in ADDING}
    usual = _added_to(before.get("SSL_CERT_FILE")) or _added_to(bundle())
    if usual is not None:
        named |= {name: _added_to(before.get(name)) or usual for name in REPLACING}
    return named


def forget() -> None:
    """Deletes all bundles."""
    remove_tree(_directory())


def _directory() -> str:
    return os.path.join(cache_dir(), "trust")


def _added_to(path: str | None) -> str | None:
    """A file with the authority, and what another one has; None where that cannot be read."""
    if path is None or os.path.dirname(path) == _directory():
        return path
    theirs, own = content(path), content(root_path()) or b""
    if theirs is None or theirs == own:
        return None
    both = theirs.rstrip(b"\n") + b"\n" + own
    made = os.path.join(_directory(), f"{sha256(path.encode()).hexdigest()[:16]}.pem")
    if read_private(made) != both:
        write_atomically(made, both)
    return made
