"""A database of NSS (cert9.db), as browsers have them, read and changed by its own `certutil`."""

from __future__ import annotations

import os

from homeport.host.programs import in_path
from homeport.host.running import run
from homeport.host.trust_stores import content, is_directory, is_empty_directory, is_file
from homeport.model.errors import NotSupported
from homeport.model.trust import Deed
from homeport.wire.nss import all_names, trusted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError
    from homeport.model.trust import AuthorityFacts
    from homeport.run.trust.contract import Entry

_TIMEOUT_S = 10.0
_FILES = ("cert9.db", "key4.db", "pkcs11.txt")
_PACKAGES = "Debian, Ubuntu: libnss3-tools; Fedora: nss-tools; Arch: nss; macOS: brew install nss"


def holds(entry: Entry) -> bool:
    """Whether the authority is in the database of a directory, and trusted for servers."""
    return entry.name in trusted_names(_told(entry.place, "-L"))


def remains(entry: Entry) -> bool:
    """Whether it is in there, trusted or not; or what was made for it alone is there."""
    names = all_names(_told(entry.place, "-L"))
    return entry.name in names or (entry.made and not names and _is_begun(entry.place))


def add(entry: Entry, authority: AuthorityFacts) -> tuple[Deed, ...]:
    """Trusts the authority for servers and for nothing else; makes the database where asked to."""
    put = _certutil(entry, "-A", "-n", entry.name, "-t", "C,,", "-i", authority.path)
    if not entry.made or has_database(entry.place):
        return (put,)
    return (Deed(path=entry.place, directory=True), _certutil(entry, "-N", "--empty-password"), put)


def take_out(entry: Entry) -> tuple[Deed, ...]:
    """Takes it out again; the whole database, where that was made for it and holds nothing else."""
    others = all_names(_told(entry.place, "-L")) - {entry.name}
    if not entry.made or others or "<" in _told(entry.place, "-K"):
        return (_certutil(entry, "-D", "-n", entry.name),)
    *first, last = (f"{entry.place}/{name}" for name in _FILES)
    return (*(Deed(path=path) for path in first), Deed(path=last, up=2))


def obstacle(entry: Entry, _: tuple[Deed, ...]) -> HomeportError | None:
    """Without certutil nothing can be done."""
    if in_path("certutil"):
        return None
    return NotSupported(
        f"cannot change {entry.place}",
        why="certutil is not installed",
        next_step=f"install it and repeat the command ({_PACKAGES})",
    )


def has_database(directory: str) -> bool:
    """Whether there is a database in the directory."""
    return is_file(f"{directory}/{_FILES[0]}")


def copied(directory: str) -> dict[str, bytes]:
    """The files of a database, for a copy."""
    found = {name: content(f"{directory}/{name}") for name in _FILES}
    return {name: data for name, data in found.items() if data is not None}


def _is_begun(directory: str) -> bool:
    """Whether a database that was to be made has got as far as its directory, or the one above."""
    return is_directory(directory) or is_empty_directory(os.path.dirname(directory))


def _certutil(entry: Entry, verb: str, *options: str) -> Deed:
    program = in_path("certutil") or "certutil"
    return Deed((program, verb, "-d", f"sql:{entry.place}", *options))


def _told(directory: str, verb: str) -> str:
    # Asked for a directory without one, certutil would make a database.
    program = in_path("certutil")
    if program is None or not has_database(directory):
        return ""
    try:
        return run((program, verb, "-d", f"sql:{directory}"), timeout_s=_TIMEOUT_S).output
    except NotSupported:
        return ""
