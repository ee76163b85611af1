"""Firefox's stores: an NSS database in each profile, which profiles.ini names.

A running Firefox reads it when it starts the next time.
"""

from __future__ import annotations

import os

from homeport.host.trust_stores import content, directories
from homeport.run.trust import nss
from homeport.run.trust.contract import Store
from homeport.wire.nss import profile_paths

_ROOTS = (
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
    ".librewolf",
    ".waterfox",
    "Library/Application Support/Firefox",
)


def profiles() -> tuple[str, ...]:
    """The directories of all profiles that have a database."""
    found: dict[str, None] = {}
    for root in directories(*_ROOTS):
        listed = content(os.path.join(root, "profiles.ini")) or b""
        for path in profile_paths(listed.decode(errors="replace")):
            place = os.path.normpath(os.path.join(root, path))
            if nss.has_database(place):
                found[place] = None
    return tuple(found)


def _places() -> tuple[tuple[str, bool], ...]:
    return tuple((place, False) for place in profiles())


STORE = Store(
    "firefox",
    "Firefox",
    _places,
    nss.holds,
    nss.remains,
    nss.add,
    nss.take_out,
    nss.obstacle,
)
