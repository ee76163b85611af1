"""Whether a page of another site sent a request: what browsers say of it, and nobody else.

A program that is no browser says nothing of the kind, and is let through: it is one of this
user's. Sites: everything under one project (`*.shop.localhost`) is one; Homeport's own pages are
another, and only they are of it.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.wire.http_request import Head

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?")


def is_foreign(head: Head, ours: Callable[[str], bool], *, same_site: bool = True) -> bool:
    """Whether the request comes from a page whose host is not one of `ours`.

    Where not `same_site`, a page of the same site but another origin counts as foreign, too. That
    somebody follows a link from elsewhere is no such request: it opens the page itself, and
    changes nothing.
    """
    if not says_whence(head):
        return False
    origin = head.field("Origin")
    if origin is not None:
        found = _ORIGIN.fullmatch(origin.lower())
        if found is None or not ours(found[1]):
            return True
    site = (head.field("Sec-Fetch-Site") or "none").lower()
    near = ("none", "same-origin", "same-site") if same_site else ("none", "same-origin")
    return site not in near and not _opens_page(head)


def says_whence(head: Head) -> bool:
    """Whether a browser has said where the request comes from; nothing else does."""
    return b"\norigin:" in head.lowered or b"\nsec-fetch-site:" in head.lowered


def _opens_page(head: Head) -> bool:
    return (
        head.method in ("GET", "HEAD")
        and (head.field("Sec-Fetch-Mode") or "").lower() == "navigate"
        and (head.field("Sec-Fetch-Dest") or "").lower() == "document"
    )


def site_of(host: str) -> str:
    """The site that a service's host belongs to: `shop.localhost` of `api.shop.localhost`."""
    return ".".join(host.split(".")[-2:])


def within(site: str) -> Callable[[str], bool]:
    """Whether a host is of that site."""
    return lambda host: host == site or host.endswith(f".{site}")
