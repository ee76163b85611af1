"""The first line that a server says unasked, and the products that name themselves in it."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 1000  # RFC 5321, 4.5.3.1.5 allows 512 octets, RFC 4253, 4.2 allows 255
_TOLD = 80


def first_line(data: bytes) -> str | None:
    """The first line without its end; None until it is whole, or where it is no text."""
    line, end, _ = data[: _LONGEST + 1].partition(b"\n")
    if not end:
        return None
    text = line.rstrip(b"\r").decode("utf-8", "replace").replace("\t", " ")
    return text if text.isprintable() else None


def quoted(text: str) -> str:
    """A text of a server as it may be shown, of bounded length."""
    return text if len(text) <= _TOLD else f"{text[: _TOLD - 3]}..."


def product_in(text: str, products: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The product whose pattern is in a text, and what the group `version` of the pattern holds."""
    for pattern, product in products.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            return product, found.groupdict().get("version")
    return None, None
