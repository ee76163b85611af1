"""Trust in the local authority: installed in each store, seen in each client, and taken out again.

Each store and each client is a file, found by being there: `STORE` here, `CLIENT` in `clients`.
"""

from __future__ import annotations

import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.trust.contract import Store


@lru_cache(maxsize=1)
def stores() -> dict[str, Store]:
    """Every store by its id."""
    from pkgutil import iter_modules

    found = {}
    for module in iter_modules(__path__):
        full = f"{__name__}.{module.name}"
        if module.ispkg:
            continue
        __import__(full)
        store: Store | None = getattr(sys.modules[full], "STORE", None)
        if store is not None:
            found[store.id] = store
    return found
