"""Whether a port that was handed out is still there when the server binds it, and what that costs.

`python -m benchmarks.leases`, best as root: then each method has a network namespace of its own,
in which nobody else takes ports. 64 processes take ports at once, and a child of each binds them 5
and 50 ms later, while others connect and bind to port 0. Takes about five minutes.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import script
from benchmarks.install import Installed, run
from benchmarks.measure import Claim, Failed, Options, Result, Table, User, user

WORKER = Path(__file__).with_name("lease_worker.py")
PROCESSES = 64
OURS = "homeport"
METHODS = {
    OURS: "homeport.lease()",
    "homeport-named": "homeport.lease(name)",
    "bind0": "bind to port 0, close",
    "portless": "as portless: random, probe, close",
    "portpicker": "portpicker",
    "ephemeral-port-reserve": "ephemeral-port-reserve",
}
PEERS = ("portpicker", "ephemeral-port-reserve")
LEAST_PER_S = 40_000
LONGEST_S = 150


class Stress(NamedTuple):
    """How many leases each process takes, and how long until its server binds."""

    leases: int
    gap_ms: int


STRESSES = (Stress(1000, 5), Stress(150, 50))


def isolated() -> list[str]:
    """What runs a command in a network namespace of its own, as far as that is possible."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return []
    return ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def work(python: str, who: User, method: str, processes: int, stress: Stress) -> dict[str, Any]:
    """What the worker found; raises `Failed`."""
    numbers = map(str, (processes, stress.leases, stress.gap_ms))
    done = subprocess.run(
        [*isolated(), python, "-P", str(WORKER), method, *numbers],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=who.environment(),
        timeout=LONGEST_S,
    )
    if done.returncode:
        raise Failed(f"{method}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stress_table(found: Mapping[str, Mapping[str, Any]], stress: Stress) -> Table:
    """A row for each method."""
    title = f"{PROCESSES} processes x {stress.leases} ports, bound {stress.gap_ms} ms later"
    rows = [
        (
            METHODS[method],
            f"{each['leases']:,}",
            f"{each['refused']:,}",
            f"{each['twice']:,}",
            f"{each['gave_up']:,}",
            f"{each['acquire_us']:.0f}",
        )
        for method, each in found.items()
    ]
    heads = ("", "ports", "binds refused", "had twice", "none found", "acquire p50 µs")
    return Table(title, heads, rows)


def stressed(python: str, who: User, stress: Stress) -> tuple[Table, list[Claim]]:
    """Every method under one stress."""
    found = {method: work(python, who, method, PROCESSES, stress) for method in METHODS}
    claims = []
    for method in (OURS, "homeport-named"):
        where = f"{METHODS[method]}, {stress.gap_ms} ms"
        missing = PROCESSES * stress.leases - found[method]["leases"]
        claims += [
            Claim(f"{where}: binds refused", found[method]["refused"], 0, "binds"),
            Claim(f"{where}: ports had twice", found[method]["twice"], 0, "ports"),
            Claim(f"{where}: leases not made", missing, 0, "leases"),
        ]
    return stress_table(found, stress), claims


def steady(python: str, who: User) -> tuple[Table, Claim]:
    """How many ports one process takes and gives back in a second, the best of three.

    By its own processor time as well, which other work on the machine does not change.
    """
    rates = {method: work(python, who, method, 0, Stress(0, 0)) for method in METHODS}
    rows = [
        (METHODS[method], f"{rate['per_s']:,.0f}", f"{rate['per_cpu_s']:,.0f}")
        for method, rate in rates.items()
    ]
    heads = ("", "ports/s", "ports/s of processor time")
    table = Table("One process, ports taken and given back", heads, rows)
    what = f"homeport.lease(), {LEAST_PER_S:,} a second of processor time: each takes"
    return table, Claim(what, 1e6 / rates[OURS]["per_cpu_s"], 1e6 / LEAST_PER_S, "µs")


def measure(homeport: Installed, options: Options) -> Result:  # noqa: ARG001  (as all benchmarks)
    """Both stresses, and the rate of a single process."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "--python", homeport.python, "install", *PEERS)
    with user() as who:
        table, claim = steady(homeport.python, who)
        tables, claims = [table], [claim]
        for stress in STRESSES:
            table, found = stressed(homeport.python, who, stress)
            tables.append(table)
            claims += found
    return Result("leases", "Ports that are still there when the server binds", tables, claims)


if __name__ == "__main__":
    script.main(__doc__, measure)
