"""Web servers and frameworks: one file each, told by their words or by the command that runs.

A file defines `PRODUCT`, a `WebProduct`, and is found by being here. What it reads is the answer to
the nonsense line (`wire.protocols.NONSENSE`), which no application sees.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

_MOST_READ = 4096
_MOST_TOLD = 80


class Layer(IntEnum):
    """How much a product says of what serves: of two that are told, the higher one counts.

    RUNTIME: what many products are made with, and some say for all of them (Go's net/http, node).
    SERVER: a server of its own. FRAMEWORK: what the application is made with, which no answer to
    nonsense tells, and a command does.
    """

    RUNTIME = 0
    SERVER = 1
    FRAMEWORK = 2


class WebProduct(NamedTuple):
    """How one web server or framework is recognised.

    `headers`: lower-case names of response headers and what their value has to contain. `answer`:
    the same for the bytes of the whole answer, of a server that says no name. `command`: for the
    command line, its words joined by blanks. A group named `version` is the version, in each.
    """

    title: str
    source: str
    headers: Mapping[str, re.Pattern[str]] = {}
    answer: re.Pattern[bytes] | None = None
    command: re.Pattern[str] | None = None
    layer: Layer = Layer.SERVER


class WebFinding(NamedTuple):
    """A product, its version where it is told, and the header or command that told it."""

    product: str
    version: str | None
    told: str
    layer: Layer


def by_answer(product: WebProduct, headers: Mapping[str, str], answer: bytes) -> WebFinding | None:
    """Whether an answer, all its bytes, is that of a product; header names in lower case."""
    for name, pattern in product.headers.items():
        value = headers.get(name, "")[:_MOST_READ]
        if found := pattern.search(value):
            told = f"{name}: {value[:_MOST_TOLD]}"
            return WebFinding(product.title, _version(found), told, product.layer)
    if product.answer is not None and (match := product.answer.search(answer[:_MOST_READ])):
        version = match.groupdict().get("version")
        text = None if version is None else version.decode("latin-1")
        return WebFinding(product.title, text, "the words of its refusal", product.layer)
    return None


def by_command(product: WebProduct, argv: Sequence[str]) -> WebFinding | None:
    """Whether a command line is one that runs a product."""
    if product.command is None:
        return None
    found = product.command.search(" ".join(argv)[:_MOST_READ])
    if found is None:
        return None
    return WebFinding(product.title, _version(found), "the command that runs", product.layer)


def _version(found: re.Match[str]) -> str | None:
    return found.groupdict().get("version")
