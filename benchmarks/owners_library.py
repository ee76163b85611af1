"""What listeners with their owners cost through the library, against `ss -tlnp` and `ss -tanp`.

`python -m benchmarks.owners_library`. The library's figures are those of the call inside a fresh
interpreter; loading its modules, once a process, has a row of its own. Those of ss are of its whole
process, of which start-up is about 3 ms. *Cold* is the first call, with nothing remembered of any
owner; *remembered* the first call of a process after another one of the same user; *warm* a later
call in one process.
"""

import os
from collections.abc import Mapping

from benchmarks import loads, parity, script
from benchmarks.install import Installed
from benchmarks.measure import (
    Claim,
    Cost,
    Options,
    Peer,
    Result,
    Table,
    User,
    command,
    cost_table,
    interleaved,
    library,
    user,
)

CODE = """
import importlib, json, time

def timed(call):
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    return result, (time.process_time() - cpu, time.perf_counter() - wall)

def materialised():
    taken = homeport.snapshot(**query)
    return [tuple(row) for rows in (taken.listeners, taken.connections) for row in rows]

def load():
    for module in {modules}:
        importlib.import_module(module)

_, imported = timed(load)
import homeport
query = dict(connections={connections}, udp=False, unix=False, all_namespaces=False, facts=False)
taken, first = timed(lambda: homeport.snapshot(**query))
figures = {{f"{label} ({{taken.strategy}})": [first]}}
if {more}:
    warm = [timed(lambda: homeport.snapshot(**query)) for _ in range(3)]
    figures[f"warm ({{warm[-1][0].strategy}})"] = [each for _, each in warm]
    rows = [timed(materialised) for _ in range(3)]
    figures["warm, every row made and read"] = [each for _, each in rows]
    query["facts"] = True
    figures["warm, with project, unit, ancestry"] = [timed(lambda: homeport.snapshot(**query))[1]]
    figures["loading the modules, once a process"] = [imported]
print(json.dumps(figures))
"""
MODULES = (
    "homeport",
    "homeport.api",
    "homeport.see.snapshot",
    "homeport.see.rows",
    "homeport.see.behind",
    "homeport.host.clock",
    "homeport.host.garbage",
    "homeport.host.kernel",
    "homeport.host.netns",
    "homeport.host.owners",
    "homeport.host.owners.bpf",
    "homeport.host.owners.cache",
    "homeport.host.owners.cgroup",
    "homeport.host.processes",
    "homeport.host.sock_diag",
    "homeport.wire.services",
)
"""What a snapshot loads when it is first taken."""

LIMITS = {
    ("-tlnp", "root"): {"cold": 0.25, "warm": 0.15},
    ("-tlnp", "an ordinary user"): {"cold": 0.8, "warm": 0.15},
    ("-tanp", "root"): {"cold": 0.6},
}


def peers(homeport: Installed, flags: str, user: User) -> list[Peer]:
    """The peer, and the library with less and less remembered, or more and more."""

    def calls(label: str, *forget: str, more: bool = False) -> Peer:
        code = CODE.format(connections=flags == "-tanp", label=label, more=more, modules=MODULES)
        return library(label, homeport.python, code, user, forget=forget)

    return [
        command(f"ss {flags}", ["ss", flags], user),
        *([calls("first on this kernel", "run", "cache")] if user.name == "root" else []),
        calls("cold", "run"),
        calls("remembered", more=True),
    ]


def measure_one(
    homeport: Installed, options: Options, load: str, flags: str, user: User
) -> tuple[Table, list[Claim]]:
    """One load, which must be running, and one table of ss, as one user."""
    parity.require(homeport.python, flags, user)
    costs = interleaved(peers(homeport, flags, user), options.rounds)
    peer = f"ss {flags}"
    table = cost_table(f"{load}, as {user.name}, against `{peer}`", costs, peer)
    return table, claims(costs, load, flags, user.name)


def claims(costs: Mapping[str, Cost], load: str, flags: str, who: str) -> list[Claim]:
    """The promised ratios for this load and user, beside what was measured."""
    peer = f"ss {flags}"
    limits = {} if flags == "-tanp" and load == "L3" else LIMITS.get((flags, who), {})
    return [
        Claim(
            f"{load}: CPU of the call, {kind}, as {who} ÷ `{peer}`",
            next(cost.cpu_ms for label, cost in costs.items() if label.startswith(f"{kind} ("))
            / costs[peer].cpu_ms,
            limit,
        )
        for kind, limit in limits.items()
    ]


def measure(homeport: Installed, options: Options) -> Result:
    """Every load, as root and as an ordinary user."""
    tables: list[Table] = []
    promised: list[Claim] = []
    users = (None, options.uid) if os.geteuid() == 0 else (None,)
    for name in options.loads:
        for uid in users:
            with loads.running(loads.LOADS[name], uid=uid), user(uid) as who:
                for flags in ("-tlnp", "-tanp"):
                    table, held = measure_one(homeport, options, name, flags, who)
                    tables.append(table)
                    promised += held
    notes = [] if os.geteuid() == 0 else ["Not run as root: the figures for root are missing."]
    return Result("owners_library", "Owners through the library", tables, promised, notes)


if __name__ == "__main__":
    script.main(__doc__, measure)
