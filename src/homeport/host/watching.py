"""Files that change: a process of its own that prints the path of each, one a line as JSON.

`python -m homeport.host.watching DIRECTORY…`. Of its own, as the library that does this takes a
thread, and a supervisor that forks must not have one. Ends with whoever reads.
"""

from __future__ import annotations

import json
import sys

_DEBOUNCE_MS = 50
_STEP_MS = 20


def main(places: list[str]) -> int:
    """Watches until it is ended."""
    from watchfiles import watch

    changes = watch(
        *places,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    for changed in changes:
        lines = [json.dumps(path) + "\n" for _, path in sorted(changed)]
        sys.stdout.write("".join(lines))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
