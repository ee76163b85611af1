"""Which web server, and which framework behind it: from its answer, and from what its holder runs.

A framework never shows itself in the answer to nonsense, since no application saw that: it is told
by the command alone, and is likely rather than sure where the server's own words say nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.endpoint import Transport
from homeport.model.identity import Identity, Sureness
from homeport.wire.http1 import read_response
from homeport.wire.web import Layer, WebFinding, by_answer, by_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.sockets import Listener
    from homeport.wire.web import WebProduct


_CARRIES_HTTP = ("http", "http2", "quic")
"""Protocols behind which a web product stands; but for the first, only its command tells it."""


def with_product(
    found: Identity | None, listener: Listener, data: bytes, products: Sequence[WebProduct]
) -> Identity | None:
    """The identity with the product that serves; other protocols than HTTP as they are.

    A listener that said nothing is HTTP, likely, where its holder runs a web server.
    """
    if found is not None and (found.protocol not in _CARRIES_HTTP or found.product):
        return found
    commanded = _by_commands(listener, products)
    if found is None:
        return _likely(commanded, listener)
    served = _by_answer(data, products)
    told = [each for each in (served, commanded) if each is not None]
    if not told:
        return found
    best = max(told, key=lambda each: each.layer)  # of two alike, what it says itself
    version = next((each.version for each in told if each.product == best.product), None)
    sentences = [_sentence(best), *(_sentence(each) for each in told if _adds(each, best))]
    evidence = (*found.evidence, *sentences)
    return found._replace(product=best.product, version=version, evidence=evidence)


def _adds(told: WebFinding, best: WebFinding) -> bool:
    """Whether it is evidence beside the best: `node` is none beside `vite`, nor Go beside Caddy."""
    return told.product != best.product and told.layer is not Layer.RUNTIME


def _by_answer(data: bytes, products: Sequence[WebProduct]) -> WebFinding | None:
    response = read_response(data) if data else None
    if response is None:
        return None
    found = [by_answer(each, response.headers, data) for each in products]
    return _highest(each for each in found if each is not None)


def _by_commands(listener: Listener, products: Sequence[WebProduct]) -> WebFinding | None:
    behind = listener.behind
    owners = behind.owners if behind is not None and behind.owners else listener.owners
    lines = [owner.argv for owner in owners if owner.argv]
    found = [by_command(each, argv) for argv in lines for each in products]
    return _highest(each for each in found if each is not None)


def _highest(found: Iterable[WebFinding]) -> WebFinding | None:
    return max(found, key=lambda each: each.layer, default=None)


def _likely(commanded: WebFinding | None, listener: Listener) -> Identity | None:
    """A runtime serves anything over TCP, and UDP is not what a web server is known by."""
    udp = listener.endpoint.transport is Transport.UDP
    if commanded is None or commanded.layer is Layer.RUNTIME or udp:
        return None
    return Identity(
        "http",
        Sureness.LIKELY,
        (_sentence(commanded),),
        product=commanded.product,
        version=commanded.version,
    )


def _sentence(found: WebFinding) -> str:
    version = f" {found.version}" if found.version else ""
    return f"{found.product}{version} by {found.told}"
