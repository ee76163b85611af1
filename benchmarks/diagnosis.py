"""What `homeport check` says of every fault that this machine allows, and of healthy servers.

`python -m benchmarks.diagnosis`, best as root. Each fault is made for real (tests/faults), checked
as a user would, and ended again. Counted are the faults whose one cause was named, those that were
left undecided, and those for which a wrong cause was stated; and, on servers with which nothing is
wrong, every finding.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks import script
from benchmarks.install import Installed
from benchmarks.measure import Claim, Options, Result, Table
from tests.faults.fault import Situation, faults, healthy


class Outcome(NamedTuple):
    """What became of one case: what was said, as surely as that, and how long it took."""

    name: str
    title: str
    wanted: str
    said: str
    certainty: str
    wall_ms: float

    @property
    def verdict(self) -> str:
        """`right`, `undecided`, `wrong`, or why it was not made."""
        if self.said.startswith("not made"):
            return "not made"
        if self.wanted in (self.said, self.certainty):
            return "right"
        return "wrong" if self.certainty == "sure" else "undecided"


Make = Callable[[Path], AbstractContextManager[Situation]]


def asked(homeport: str, name: str, title: str, wanted: str, make: Make) -> Outcome:
    """Makes a case, checks it, and ends it."""
    with tempfile.TemporaryDirectory(prefix="homeport-fault-") as place:
        try:
            with make(Path(place)) as situation:
                began = time.perf_counter()
                said, certainty = checked(homeport, situation)
                wall_ms = (time.perf_counter() - began) * 1000
        except pytest.skip.Exception as reason:
            return Outcome(name, title, wanted, f"not made: {reason.msg}", "", 0)
    return Outcome(name, title, wanted, said, certainty, wall_ms)


def checked(homeport: str, situation: Situation) -> tuple[str, str]:
    """The ids that `homeport check` names, and how sure it is."""
    argv = [homeport, "check", "--json", *situation.options, situation.target]
    if situation.namespace is not None:
        argv = situation.namespace.command(*argv)
    done = subprocess.run(
        argv,
        capture_output=True,
        check=False,
        timeout=60,
        cwd=situation.cwd,
        env={**os.environ, **situation.env},
    )
    document = json.loads(done.stdout)
    if document["cause"]:
        return document["cause"]["id"], document["cause"]["certainty"]
    remaining = [each["id"] for each in document["undecided"]]
    return (" or ".join(remaining), "undecided") if remaining else ("healthy", "sure")


def table(title: str, outcomes: Iterable[Outcome]) -> Table:
    """A row for each case."""
    rows = [
        (
            f"{each.name}: {each.title}",
            each.said,
            each.certainty,
            each.verdict,
            f"{each.wall_ms:.0f}",
        )
        for each in outcomes
    ]
    return Table(title, ("case", "said", "certainty", "", "ms"), rows)


def measure(homeport: Installed, _: Options) -> Result:
    """All faults and all healthy servers, once."""
    ask = partial(asked, homeport.homeport)
    made = [ask(each.id, each.title, each.cause or "undecided", each.make) for each in faults()]
    well = [ask("healthy", each.title, "healthy", each.make) for each in healthy()]
    counted = [each for each in made if each.verdict != "not made"]
    right = sum(each.verdict == "right" for each in counted)
    claims = [
        Claim("faults whose cause was not named", 100 * (1 - right / len(counted)), 5, "%"),
        Claim("wrong causes stated as sure", sum(e.verdict == "wrong" for e in counted), 0, ""),
        Claim("findings on healthy servers", sum(e.verdict in WRONG for e in well), 0, ""),
    ]
    quick = [each.wall_ms for each in well if each.title == "an HTTP server"]
    if quick:
        claims.append(
            Claim("a healthy HTTP server, whole process", statistics.median(quick), 150, "ms")
        )
    tables = [table("Faults", made), table("Healthy servers", well)]
    return Result("diagnosis", "The cause of every fault", tables, claims)


WRONG = ("wrong", "undecided")

if __name__ == "__main__":
    script.main(__doc__, measure)
