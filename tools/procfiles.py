"""Runs directories with a Procfile under foreman, honcho and `homeport up`, and tells what differs.

`.venv/bin/python tools/procfiles.py DIRECTORY...`. Nothing that a Procfile names is run: programs
that write down what they are given stand in for all of it, in a copy of the Procfile, .env and
.foreman. Needs foreman: ./test unpacks it on Debian (tools/unpacked.sh). A network namespace keeps
the ports that Procfiles name apart from those of the machine:
`sudo unshare --net sh -c 'ip link set lo up; ...'`.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.run.conventions.differences import TOLD, differences
from tests.run.conventions.peers import FOREMAN, HOMEPORT, HONCHO, staged
from tests.support import unpacked


def compare(directory: Path, counts: Counter[str]) -> None:
    """Prints what differs for one directory."""
    print(f"{directory}:")
    with (
        tempfile.TemporaryDirectory(prefix="procfiles-") as base,
        staged(directory, Path(base)) as stage,
    ):
        foreman = unpacked("foreman")
        told = {each: stage.under(each, foreman) for each in (FOREMAN, HONCHO, HOMEPORT)}
        names = dict.fromkeys([*stage.declared.names, *told[HOMEPORT].seen])
    counts["files"] += 1
    for name in names:
        counts["processes"] += 1
        ours = told[HOMEPORT].seen.get(name)
        for peer in (FOREMAN, HONCHO):
            theirs = told[peer].seen.get(name)
            found = differences(theirs, ours)
            if not theirs and not ours:
                found = ["neither runs a program there"]
            counts[f"as under {peer}"] += not found
            counts[f"told where to listen, else as under {peer}"] += found == [TOLD]
            for each in found:
                print(f"  {name}, {peer}: {each}")
    for runner, shown in told.items():
        if not shown.seen:
            print(f"  {runner} says: {shown.output.strip()}")


def main() -> None:
    """Compares each directory that is named."""
    counts: Counter[str] = Counter()
    for directory in sys.argv[1:]:
        compare(Path(directory), counts)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))


if __name__ == "__main__":
    main()
