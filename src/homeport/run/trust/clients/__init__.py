"""The clients whose trust is seen: one file each, found by being here and defining `CLIENT`."""

from __future__ import annotations

import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.trust.contract import Client


@lru_cache(maxsize=1)
def clients() -> tuple[Client, ...]:
    """Every client, in the order in which people are told of them."""
    from pkgutil import iter_modules

    found: list[Client] = []
    for module in iter_modules(__path__):
        full = f"{__name__}.{module.name}"
        __import__(full)
        client: Client | None = getattr(sys.modules[full], "CLIENT", None)
        if client is not None:
            found.append(client)
    return tuple(sorted(found, key=lambda each: (each.rank, each.id)))
