"""Web servers and frameworks: one file each, told by their headers or by the command that runs.

A file defines `PRODUCT`, a `WebProduct`, and is found by being here. What it reads is the answer to
the nonsense line (`wire.protocols.NONSENSE`), which no application sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence


class WebProduct(NamedTuple):
    """How one web server or framework is recognised.

    `headers`: lower-case names of response headers and what their value has to contain; a group
    named `version` is the version. `body`: the same for the first bytes of the body. `command`:
    for the command line, its words joined by blanks. `framework` marks what an application is
    made with: it says more than the server that carries it, and is told by the command only.
    """

    title: str
    source: str
    headers: Mapping[str, re.Pattern[str]] = {}
    body: re.Pattern[bytes] | None = None
    command: re.Pattern[str] | None = None
    framework: bool = False


class WebFinding(NamedTuple):
    """A product, its version where it is told, and the header or command that told it."""

    product: str
    version: str | None
    told: str
    framework: bool


def by_answer(product: WebProduct, headers: Mapping[str, str], body: bytes) -> WebFinding | None:
    """Whether an answer is that of a product; header names in lower case."""
    for name, pattern in product.headers.items():
        if found := pattern.search(headers.get(name, "")):
            value = headers[name][:80]
            return WebFinding(product.title, _version(found), f"{name}: {value}", product.framework)
    if product.body is not None and (match := product.body.search(body)):
        version = match.groupdict().get("version")
        text = None if version is None else version.decode("latin-1")
        return WebFinding(product.title, text, "its error page", product.framework)
    return None


def by_command(product: WebProduct, argv: Sequence[str]) -> WebFinding | None:
    """Whether a command line is one that runs a product."""
    if product.command is None:
        return None
    found = product.command.search(" ".join(argv)[:2000])
    if found is None:
        return None
    return WebFinding(product.title, _version(found), "the command that runs", product.framework)


def _version(found: re.Match[str]) -> str | None:
    return found.groupdict().get("version")
