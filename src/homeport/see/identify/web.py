"""Which web server, and which framework behind it: from its answer, and from what its holder runs.

A framework never shows itself in the answer to nonsense, since no application saw that: it is told
by the command alone, and is likely rather than sure where the server's own words say nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.identity import Identity, Sureness
from homeport.wire.http1 import read_response
from homeport.wire.web import WebFinding, by_answer, by_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.sockets import Listener
    from homeport.wire.web import WebProduct


def with_product(
    found: Identity | None, listener: Listener, data: bytes, products: Sequence[WebProduct]
) -> Identity | None:
    """The identity with the product that serves; other protocols than HTTP as they are.

    A listener that said nothing is HTTP, likely, where its holder runs a web server.
    """
    if found is not None and (found.protocol != "http" or found.product):
        return found
    commanded = _by_commands(listener, products)
    if found is None:
        return _likely(commanded)
    served = _by_answer(data, products)
    best = commanded if commanded and (commanded.framework or served is None) else served
    if best is None:
        return found
    told = [_sentence(each) for each in dict.fromkeys((best, served)) if each is not None]
    version = best.version or (
        served.version if served and served.product == best.product else None
    )
    return found._replace(product=best.product, version=version, evidence=(*found.evidence, *told))


def _by_answer(data: bytes, products: Sequence[WebProduct]) -> WebFinding | None:
    response = read_response(data) if data else None
    if response is None:
        return None
    found = [by_answer(each, response.headers, response.body) for each in products]
    return next((each for each in found if each is not None), None)


def _by_commands(listener: Listener, products: Sequence[WebProduct]) -> WebFinding | None:
    behind = listener.behind
    owners = behind.owners if behind is not None and behind.owners else listener.owners
    lines = [owner.argv for owner in owners if owner.argv]
    found = [each for argv in lines for each in (by_command(one, argv) for one in products) if each]
    return min(found, key=lambda each: not each.framework, default=None)


def _likely(commanded: WebFinding | None) -> Identity | None:
    if commanded is None:
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
