"""The login keychain of macOS, which Safari, Chrome and curl read; by the program `security`.

Written after security(1), and not tried on a Mac yet.
"""

from __future__ import annotations

import os
import sys

from homeport.host.running import run
from homeport.host.trust_stores import home, is_file
from homeport.model.errors import NotSupported
from homeport.model.trust import Deed
from homeport.run.trust.contract import Entry, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError
    from homeport.model.trust import AuthorityFacts

_PROGRAM = "/usr/bin/security"


def _places() -> tuple[tuple[str, bool], ...]:
    keychain = os.path.join(home(), "Library/Keychains/login.keychain-db")
    return ((keychain, False),) if sys.platform == "darwin" and is_file(keychain) else ()


def _holds(entry: Entry) -> bool:
    try:
        return run((_PROGRAM, "find-certificate", "-c", entry.name, entry.place)).status == 0
    except NotSupported:
        return False


def _add(entry: Entry, authority: AuthorityFacts) -> tuple[Deed, ...]:
    options = ("-r", "trustRoot", "-p", "ssl", "-k", entry.place, authority.path)
    return (Deed((_PROGRAM, "add-trusted-cert", *options)),)


def _take_out(entry: Entry) -> tuple[Deed, ...]:
    # -t: what was said about trust in it goes, too.
    return (Deed((_PROGRAM, "delete-certificate", "-c", entry.name, "-t", entry.place)),)


def _obstacle(_: Entry, __: tuple[Deed, ...]) -> HomeportError | None:
    return None


STORE = Store("keychain", "the login keychain", _places, _holds, _holds, _add, _take_out, _obstacle)
