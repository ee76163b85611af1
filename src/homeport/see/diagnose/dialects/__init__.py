"""How a client of each kind speaks to its server: one file a protocol, which defines `DIALECT`.

What is said is what the client that the person has would say, and no more: a page is asked for
with GET, a database is logged in to with the credentials of the URL, or as far as that goes without
any. No command that changes anything is ever given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.see.diagnose.case import Talk
    from homeport.wire.exchange import Conversation
    from homeport.wire.service_url import Service


class Dialect(NamedTuple):
    """The conversation of a protocol's client with the service, told as a `Talk`."""

    converse: Callable[[Service], Conversation[Talk]]
