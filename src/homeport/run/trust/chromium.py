"""The store of Chromium, Chrome, Edge, Brave and their like: one NSS database for each user.

It lies in ~/.pki/nssdb, or, where that is missing and the browser is new enough, in the directory
for data. Those in a snap or flatpak have their own. On macOS they read the keychain.
"""

from __future__ import annotations

import os
import sys

from homeport.host.programs import in_path
from homeport.host.trust_stores import data_home, directories, home
from homeport.run.trust import nss
from homeport.run.trust.contract import Store

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
    "vivaldi",
    "opera",
)
"""The programs that read it."""

_CONFINED = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)


def _places() -> tuple[tuple[str, bool], ...]:
    if sys.platform == "darwin":
        return ()
    usual = os.path.join(home(), ".pki/nssdb")
    own = [usual, os.path.join(data_home(), "pki/nssdb"), *directories(*_CONFINED)]
    there = [place for place in own if nss.has_database(place)]
    if not there and any(map(in_path, BROWSERS)):
        # Every version looks there first; none has to have been started before.
        return ((usual, True),)
    return tuple((place, False) for place in there)


STORE = Store(
    "chromium",
    "Chromium and Chrome",
    _places,
    nss.holds,
    nss.remains,
    nss.add,
    nss.take_out,
    nss.obstacle,
)
