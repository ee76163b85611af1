"""What was installed where, kept so that it can be taken out again, also without the authority.

Written before anything is changed: whoever is killed in between has left no secret behind.
"""

from __future__ import annotations

import os

from homeport.host.files import (
    read_private,
    remove_drafts,
    runtime_dir,
    state_dir,
    write_atomically,
)
from homeport.host.stored import remove_file
from homeport.run.trust.contract import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = 1
_MOST = 1000


def path() -> str:
    """The file."""
    return os.path.join(state_dir(), "trust.json")


def lock_path() -> str:
    """The file by which one process at a time changes trust."""
    return os.path.join(runtime_dir(), "trust.lock")


def read() -> tuple[Entry, ...]:
    """All entries; none where the file is missing or broken."""
    from json import loads

    try:
        told = loads(read_private(path(), limit=1 << 20) or b"{}")
        rows = told["entries"] if told.get("version") == _VERSION else []
        return tuple(dict.fromkeys(_entry(row) for row in rows[:_MOST]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()


def is_outdated() -> bool:
    """Whether the authority that lies there is another than any that was installed.

    Without reading its certificate, which takes a library that `up` has no other use for.
    """
    recorded = read()
    if not recorded:
        return False
    from hashlib import sha256

    from homeport.host.trust import own_root
    from homeport.wire.certificate_chain import of_pem

    certificates = of_pem(own_root()[1])
    known = {each.fingerprint for each in recorded}
    return any(sha256(each).hexdigest() not in known for each in certificates[:1])


def write(entries: Iterable[Entry]) -> None:
    """Replaces all entries; with none the file goes. Under the lock. Raises `StateUnusable`."""
    from json import dumps

    remove_drafts(path())
    rows = [each._asdict() for each in entries]
    if rows:
        write_atomically(path(), dumps({"version": _VERSION, "entries": rows}).encode())
    else:
        remove_file(path())


def _entry(row: dict[str, object]) -> Entry:
    texts = [row[key] for key in ("store", "place", "name", "fingerprint")]
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError("no entry")
    store, place, name, fingerprint = map(str, texts)
    if not place.startswith("/") or not fingerprint.isalnum() or name.startswith("-"):
        raise ValueError("no entry")
    return Entry(store, place, name, fingerprint, made=row.get("made") is True)
