"""The user's own local authority on disk: made once, on demand, and never taken from anybody else.

Key and certificate lie in one file, so that no crash leaves one without the other; beside it is
the certificate alone, for those who are to trust it.
"""

from __future__ import annotations

import os

from homeport.host.clock import Clock
from homeport.host.files import read_private, runtime_dir, state_dir, write_atomically
from homeport.host.locking import locked
from homeport.host.stored import exists, remove_tree
from homeport.model.errors import StateUnusable
from homeport.model.trust import AuthorityFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.certificates.issuing import Pair

_KEPT, _ROOT, _LOCK = "authority.pem", "root.pem", "authority.lock"
_DAY_NS = 86_400 * 1_000_000_000


def directory() -> str:
    """Where the authority and its certificates are kept."""
    return os.path.join(state_dir(), "ca")


def root_path() -> str:
    """The file with the authority's certificate, and no key."""
    return os.path.join(directory(), _ROOT)


def kept_path() -> str:
    """The file with the authority's key and certificate."""
    return os.path.join(directory(), _KEPT)


def leaf_path(host: str) -> str:
    """The file with the key and certificate of a host, once that was asked for."""
    return os.path.join(directory(), "leaves", f"{host}.pem")


def ensured(clock: Clock | None = None) -> Pair:
    """The authority; a new one where there is none, or where it ends within 30 days.

    Raises `StateUnusable` for one that is broken or that others could have written.
    """
    now_ns = (clock or Clock()).now_ns()
    found = existing()
    if found is not None and not is_due(found, now_ns) and exists(root_path()):
        return found
    with locked(os.path.join(runtime_dir(), _LOCK)):
        found = existing()  # another process may have been faster
        if found is None or is_due(found, now_ns):
            found = _make(now_ns)
        _publish(found)
        return found


def existing() -> Pair | None:
    """The authority as it lies there, in time or not; None where there is none."""
    path = kept_path()
    data = read_private(path, limit=1 << 16)
    if data is None and not exists(path):
        return None
    return _read(path, data)


def facts() -> AuthorityFacts | None:
    """What people are told of the authority; None where there is none."""
    found = existing()
    return None if found is None else facts_of(found)


def facts_to_be(clock: Clock | None = None) -> AuthorityFacts:
    """What `ensured` would give; nothing is kept. Raises `StateUnusable`."""
    from homeport.run.certificates.issuing import make_authority

    now_ns = (clock or Clock()).now_ns()
    found = existing()
    if found is None or is_due(found, now_ns):
        found = make_authority(now_ns)
    return facts_of(found)


def facts_of(pair: Pair) -> AuthorityFacts:
    """What people are told of an authority."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    from homeport.run.certificates.issuing import ends_ns, starts_ns

    names = pair.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return AuthorityFacts(
        path=root_path(),
        name=str(names[0].value),
        fingerprint=pair.certificate.fingerprint(hashes.SHA256()).hex(),
        not_before_ns=starts_ns(pair.certificate),
        not_after_ns=ends_ns(pair.certificate),
    )


def forget() -> bool:
    """Deletes the authority, its key and all its certificates; whether there was anything."""
    return remove_tree(directory())


def is_due(pair: Pair, now_ns: int) -> bool:
    """Whether an authority ends within 30 days: a new one takes its place."""
    from homeport.run.certificates.issuing import AUTHORITY_LEAST_DAYS, ends_ns

    return ends_ns(pair.certificate) - now_ns < AUTHORITY_LEAST_DAYS * _DAY_NS


def _read(path: str, data: bytes | None) -> Pair:
    from cryptography.exceptions import UnsupportedAlgorithm

    from homeport.run.certificates.issuing import is_authority, pair_of

    if data is None:
        raise _unusable(path, "it is a link, belongs to another user, or others may write to it")
    try:
        pair = pair_of(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(path, "it does not hold a key and its certificate") from error
    if not is_authority(pair):
        raise _unusable(path, "it holds a certificate that Homeport has not made")
    return pair


def _unusable(path: str, why: str) -> StateUnusable:
    return StateUnusable(
        f"the local authority in {path} is not safe to use",
        why=why,
        next_step="homeport trust --remove, then homeport trust: that makes a new one",
    )


def _make(now_ns: int) -> Pair:
    from homeport.run.certificates.issuing import make_authority

    made = make_authority(now_ns)
    write_atomically(kept_path(), made.pem, durable=True)
    return made


def _publish(pair: Pair) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    data = pair.certificate.public_bytes(Encoding.PEM)
    if read_private(root_path(), limit=1 << 16) != data:
        write_atomically(root_path(), data, durable=True)
