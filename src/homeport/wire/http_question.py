"""What products over HTTP are asked: a GET of theirs, and the JSON that comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeport.wire.http1 import Response

_MOST = 1 << 16


def get(path: str) -> bytes:
    """A GET; `Host` is one that servers accept which fear to be rebound to another name."""
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", "Accept: */*", "Connection: close")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def json_object(response: Response) -> Mapping[str, object] | None:
    """The object that the body is; None while it is none, or too large to be a short answer."""
    import json

    if len(response.body) > _MOST:
        return None
    try:
        value: object = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text_in(value: object, name: str) -> str | None:
    """A string of an object, one line of it that is not long; None where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found.isprintable() and len(found) < 100 else None
