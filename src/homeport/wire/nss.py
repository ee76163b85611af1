"""What NSS tools and profiles say: the list of `certutil -L`, and Firefox's profiles.ini."""

from __future__ import annotations

import re

_LINE = re.compile(r"^(?P<name>.+?) +(?P<flags>[a-zA-Z]*,[a-zA-Z]*,[a-zA-Z]*) *$")
_SERVERS = "C"


def trusted_names(listing: str) -> frozenset[str]:
    """The nicknames of those certificates that are trusted as authorities for servers."""
    found = (_LINE.match(line[:1000]) for line in listing.splitlines())
    return frozenset(
        each["name"] for each in found if each and _SERVERS in each["flags"].partition(",")[0]
    )


def all_names(listing: str) -> frozenset[str]:
    """The nicknames of all certificates."""
    found = (_LINE.match(line[:1000]) for line in listing.splitlines())
    return frozenset(each["name"] for each in found if each)


def profile_paths(text: str) -> tuple[str, ...]:
    """The directories of the profiles in profiles.ini, relative ones as they stand there."""
    found: dict[str, None] = {}
    in_profile = False
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            in_profile = stripped.lower().startswith(("[profile", "[install"))
        key, _, value = stripped.partition("=")
        # A section [Install…] names its profile as Default; in [Profile…] that is a number.
        if in_profile and key in {"Path", "Default"} and value not in {"", "0", "1"}:
            found[value] = None
    return tuple(found)
