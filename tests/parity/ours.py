"""Prints Homeport's rows as JSON: run inside a namespace, or as another user.

The one argument is the query, as JSON: `{"connections": false}`. With `"portable": true` among it
the rows are those of the path through psutil.
"""

from __future__ import annotations

import json
import sys

import homeport
from homeport.model.snapshot import Query
from tests.parity.rows import dumped, homeport_rows


def main() -> None:
    query = json.loads(sys.argv[1])
    if query.pop("portable", False):
        from homeport.host.portable import portable_snapshot

        taken = portable_snapshot(Query(**query))
    else:
        taken = homeport.snapshot(**query)
    print(dumped(homeport_rows(taken)))


if __name__ == "__main__":
    main()
