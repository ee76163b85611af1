"""The system's store: a directory for certificates, and a program that makes the bundle of them.

OpenSSL, curl, Python, Ruby, Go, PHP and most others read that bundle. Only root may change it.
"""

from __future__ import annotations

import os
from shlex import join

from homeport.host.programs import in_path
from homeport.host.trust_stores import content, is_directory, is_file, is_writable
from homeport.model.errors import NotPermitted
from homeport.model.record import NamedTuple
from homeport.model.trust import Deed
from homeport.run.trust.contract import Entry, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError
    from homeport.model.trust import AuthorityFacts


class _Kind(NamedTuple):
    """A family of distributions; `anew` makes the program forget what is gone."""

    directory: str
    program: str
    anew: tuple[str, ...] = ()


_KINDS = (
    # Debian, Alpine. Without --fresh the links to a file that is gone stay in /etc/ssl/certs.
    _Kind("/usr/local/share/ca-certificates", "update-ca-certificates", ("--fresh",)),
    _Kind("/etc/pki/ca-trust/source/anchors", "update-ca-trust"),  # Fedora
    _Kind("/etc/ca-certificates/trust-source/anchors", "update-ca-trust"),  # Arch
    _Kind("/etc/pki/trust/anchors", "update-ca-certificates"),  # openSUSE
)
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def bundle() -> str | None:
    """The file with all authorities that the system trusts."""
    return next((path for path in _BUNDLES if is_file(path)), None)


def _places() -> tuple[tuple[str, bool], ...]:
    for kind in _KINDS:
        if is_directory(kind.directory) and in_path(kind.program):
            return ((kind.directory, False),)
    return ()


def _file(entry: Entry) -> str:
    return os.path.join(entry.place, f"homeport-{entry.fingerprint[:16]}.crt")


def _remains(entry: Entry) -> bool:
    return any(kind.directory == entry.place for kind in _KINDS) and is_file(_file(entry))


def _holds(entry: Entry) -> bool:
    own = content(_file(entry)) if _remains(entry) else None
    made = bundle()
    return own is not None and (made is None or own.strip() in (content(made) or b""))


def _kind(entry: Entry) -> _Kind:
    return next(kind for kind in _KINDS if kind.directory == entry.place)


def _renewed(entry: Entry, *options: str) -> Deed:
    name = _kind(entry).program
    return Deed((in_path(name) or name, *options))


def _add(entry: Entry, authority: AuthorityFacts) -> tuple[Deed, ...]:
    return (Deed(path=_file(entry), source=authority.path), _renewed(entry))


def _take_out(entry: Entry) -> tuple[Deed, ...]:
    return (Deed(path=_file(entry)), _renewed(entry, *_kind(entry).anew))


def _obstacle(entry: Entry, deeds: tuple[Deed, ...]) -> HomeportError | None:
    if is_writable(entry.place):
        return None
    return NotPermitted(
        f"{entry.place} belongs to root",
        why="only root may change what the system trusts",
        next_step=" && ".join(f"sudo {command(deed)}" for deed in deeds),
    )


def command(deed: Deed) -> str:
    """A step as somebody would type it."""
    if deed.argv:
        return join(deed.argv)
    if deed.source is None:
        return join(("rm", deed.path))
    return join(("install", "-m", "644", deed.source, deed.path))


STORE = Store("system", "the system", _places, _holds, _remains, _add, _take_out, _obstacle)
