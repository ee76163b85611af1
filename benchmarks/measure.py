"""What all benchmarks share: peers run in turn, what they cost, tables, claims, and the machine.

Peers are interleaved (A B C A B C …) and medians taken, because a machine changes its speed while
it is measured; CPU time is that of the whole process unless a label says otherwise.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.loads import as_user

NOBODY = 65534
ROOT = Path(__file__).parent.parent


class Cost(NamedTuple):
    """What a run took: user and system time together, and time on the clock."""

    cpu_ms: float
    wall_ms: float


class Peer(NamedTuple):
    """Something to measure; a run may give several figures, each under its label."""

    name: str
    run: Callable[[], Mapping[str, Cost]]


class Table(NamedTuple):
    """A table as it is printed; the first column is text, all others numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Claim(NamedTuple):
    """A figure that must not exceed its limit, both in `unit`."""

    what: str
    measured: float
    limit: float
    unit: str = "x"

    @property
    def holds(self) -> bool:
        """Whether the measured figure is within its limit."""
        return self.measured <= self.limit


class Result(NamedTuple):
    """What one benchmark found. `notes` say what was left out, and why."""

    name: str
    title: str
    tables: Sequence[Table] = ()
    claims: Sequence[Claim] = ()
    notes: Sequence[str] = ()


class Options(NamedTuple):
    """What the command line of every benchmark sets; `uid` is the ordinary user."""

    rounds: int = 9
    uid: int = NOBODY
    loads: Sequence[str] = ("L1", "L2", "L3")
    seconds: int = 30


class Failed(Exception):
    """A command that is measured did not do its work; the message shows what it said."""


class User(NamedTuple):
    """Who runs what is measured, with directories of its own for what Homeport remembers."""

    uid: int | None
    home: Path

    @property
    def name(self) -> str:
        """How the tables call this user."""
        return "an ordinary user" if self.uid or os.geteuid() else "root"

    def environment(self) -> dict[str, str]:
        """The variables of a clean environment, and the XDG directories."""
        mine = {
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }
        return clean_environment() | mine

    def forget(self, *names: str) -> None:
        """Empty directories: `run` remembers owners, `cache` the layout of the kernel's types."""
        for name in names:
            shutil.rmtree(self.home / name / "homeport", ignore_errors=True)


@contextlib.contextmanager
def user(uid: int | None = None) -> Iterator[User]:
    """A user (None: the present one) for whom nothing is remembered yet."""
    with tempfile.TemporaryDirectory(prefix="homeport-user-") as name:
        home = Path(name)
        home.chmod(0o755)
        for each in ("cache", "run", "state"):
            (home / each).mkdir(mode=0o700)
            if uid is not None:
                os.chown(home / each, uid, uid)
        yield User(uid, home)


def clean_environment() -> dict[str, str]:
    """The environment without Python's own switches: PYTHONDONTWRITEBYTECODE slows imports."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"LC_ALL": "C.UTF-8"}


def run_command(argv: Sequence[str], user: User, *, fine: Sequence[int] = (0,)) -> Cost:
    """Run a command, its output thrown away; raises `Failed` if it ends with no `fine` status."""
    started = time.perf_counter()
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=user.environment(),
        **as_user(user.uid),
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in fine:
        raise Failed(f"{' '.join(argv)} ended with {process.returncode}")
    return Cost((usage.ru_utime + usage.ru_stime) * 1000, wall * 1000)


def command(name: str, argv: Sequence[str], user: User, *, fine: Sequence[int] = (0,)) -> Peer:
    """A whole process as a peer."""
    return Peer(name, lambda: {name: run_command(argv, user, fine=fine)})


def run_python(python: str, code: str, user: User, *arguments: str) -> str:
    """What a fresh interpreter prints that runs `code`; raises `Failed` with its traceback."""
    done = subprocess.run(
        [python, "-I", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=user.environment(),
        **as_user(user.uid),
    )
    if done.returncode:
        raise Failed(done.stderr)
    return done.stdout


def library(name: str, python: str, code: str, user: User, *, forget: Sequence[str] = ()) -> Peer:
    """Calls inside a fresh interpreter as a peer; `forget` is what is not remembered from before.

    `code` prints `{label: [[cpu_s, wall_s], …]}` as JSON; several figures of one process under one
    label count as their median.
    """

    def run() -> Mapping[str, Cost]:
        user.forget(*forget)
        said = json.loads(run_python(python, code, user))
        return {
            label: median(Cost(cpu_s * 1000, wall_s * 1000) for cpu_s, wall_s in each)
            for label, each in said.items()
        }

    return Peer(name, run)


def median(costs: Iterable[Cost]) -> Cost:
    """The median of CPU and of wall time, each by itself."""
    cpu, wall = zip(*costs, strict=True)
    return Cost(statistics.median(cpu), statistics.median(wall))


def interleaved(peers: Sequence[Peer], rounds: int) -> dict[str, Cost]:
    """Run all peers in turn, `rounds` times after one that does not count; medians by label."""
    found: dict[str, list[Cost]] = {}
    for number in range(rounds + 1):
        for peer in peers:
            for label, cost in peer.run().items():
                if number:
                    found.setdefault(label, []).append(cost)
    return {label: median(costs) for label, costs in found.items()}


def cost_table(title: str, costs: Mapping[str, Cost], peer: str) -> Table:
    """CPU and wall milliseconds of each, and the ratio of its CPU time to that of `peer`."""
    base = costs[peer].cpu_ms
    rows = [
        (label, f"{cost.cpu_ms:.1f}", f"{cost.wall_ms:.1f}", f"{cost.cpu_ms / base:.2f}")
        for label, cost in costs.items()
    ]
    return Table(title, ("", "CPU ms", "wall ms", f"CPU ÷ `{peer}`"), rows)


def first_line(argv: Sequence[str]) -> str:
    """The first line a program says of its version, or that it is not there."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def lsof_version() -> str:
    """The lsof release: it prints its version among a dozen lines on standard error."""
    try:
        done = subprocess.run(["lsof", "-v"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    found = re.search(r"revision: (\S+)", done.stdout + done.stderr)
    return found[1] if found else "unknown"


def machine(python: str) -> dict[str, str]:
    """What a reader must know to judge the figures."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        model = re.search(r"model name\s*: (.*)", cpuinfo.read())
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "kernel": platform.release(),
        "CPU": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "Python": first_line([python, "-VV"]).removeprefix("Python "),
        "ss": first_line(["ss", "-V"]).removeprefix("ss utility, "),
        "lsof": lsof_version(),
        "netstat": first_line(["netstat", "--version"]),
        "load average at the start": f"{os.getloadavg()[0]:.1f}",
        "run as": "root" if os.geteuid() == 0 else f"uid {os.geteuid()}",
    }


def figure(value: float) -> str:
    """Three digits that mean something, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def markdown(result: Result) -> str:
    """A result as Markdown: its tables, then every claim with the figure beside it."""
    parts = [f"## {result.title}"]
    parts += [markdown_table(table) for table in result.tables]
    if result.claims:
        rows = [
            (
                claim.what,
                f"{figure(claim.measured)} {claim.unit}",
                f"{figure(claim.limit)} {claim.unit}",
                "yes" if claim.holds else "**no**",
            )
            for claim in result.claims
        ]
        parts.append(markdown_table(Table("", ("claim", "measured", "at most", "holds"), rows)))
    parts += result.notes
    return "\n\n".join(parts)


def markdown_table(table: Table) -> str:
    """A pipe table with its numbers on the right, below its title."""
    rules = [":--", *("--:" for _ in table.columns[1:])]
    lines = ["| " + " | ".join(row) + " |" for row in (table.columns, rules, *table.rows)]
    return "\n".join([f"**{table.title}**", "", *lines] if table.title else lines)


def as_json(results: Sequence[Result], facts: Mapping[str, str]) -> str:
    """Results for programs."""
    return json.dumps(
        {
            "schema": "homeport/benchmark@1",
            "machine": facts,
            "results": [
                {
                    "name": result.name,
                    "title": result.title,
                    "tables": [table._asdict() for table in result.tables],
                    "claims": [
                        {**claim._asdict(), "holds": claim.holds} for claim in result.claims
                    ],
                    "notes": result.notes,
                }
                for result in results
            ],
        },
        indent=1,
        ensure_ascii=False,
    )


def from_json(text: str) -> list[Result]:
    """The results that `as_json` has written."""
    return [
        Result(
            each["name"],
            each["title"],
            [Table(**table) for table in each["tables"]],
            [
                Claim(claim["what"], claim["measured"], claim["limit"], claim["unit"])
                for claim in each["claims"]
            ],
            each["notes"],
        )
        for each in json.loads(text)["results"]
    ]


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark takes."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--rounds", type=int, default=9, help="how often each peer runs (9)")
    made.add_argument("--uid", type=int, default=NOBODY, help="the ordinary user (nobody)")
    made.add_argument("--loads", nargs="+", default=("L1", "L2", "L3"), metavar="LOAD")
    made.add_argument("--seconds", type=int, default=30, help="how long to watch (30)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    return made


def options(parsed: argparse.Namespace) -> Options:
    """What was typed, as a value."""
    return Options(parsed.rounds, parsed.uid, tuple(parsed.loads), parsed.seconds)
