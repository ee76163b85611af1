"""What the command costs, start to finish, against ss, lsof and netstat.

`python -m benchmarks.command`. All are whole processes with their output thrown away. Homeport has
run once before, so that it remembers what it remembers from one run to the next.
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
    user,
)

PLAIN, TABLE = "homeport ls --plain", "homeport ls"
BARE = "python -I -c pass"
PEERS = {
    "ss -tlnp": ["ss", "-tlnp"],
    "lsof -nP -iTCP -sTCP:LISTEN": ["lsof", "-nP", "-iTCP", "-sTCP:LISTEN"],
    "netstat -tlnp": ["netstat", "-tlnp"],
}


def peers(homeport: Installed, user: User) -> list[Peer]:
    """Homeport, the other tools, and the interpreter by itself."""
    return [
        command(PLAIN, [homeport.homeport, "ls", "--plain"], user),
        command(TABLE, [homeport.homeport, "ls"], user),
        # lsof ends with 1 where it finds nothing.
        *(command(name, argv, user, fine=(0, 1)) for name, argv in PEERS.items()),
        command(BARE, [homeport.python, "-I", "-c", "pass"], user),
    ]


def claims(costs: Mapping[str, Cost], where: str) -> list[Claim]:
    """Faster than each peer under a load; near the bare interpreter on an idle machine."""
    plain, table = costs[PLAIN], costs[TABLE]
    more = Claim(
        f"{where}: `{TABLE}` over `{PLAIN}`, wall", table.wall_ms - plain.wall_ms, 60, "ms"
    )
    if where.startswith("idle"):
        start = plain.wall_ms / costs[BARE].wall_ms
        return [Claim(f"{where}: wall time of `{PLAIN}` ÷ `{BARE}`", start, 4), more]
    return [
        *(
            Claim(
                f"{where}: wall time of `{PLAIN}` ÷ `{peer}`",
                plain.wall_ms / costs[peer].wall_ms,
                1,
            )
            for peer in PEERS
        ),
        more,
    ]


def measure(homeport: Installed, options: Options) -> Result:
    """Every load, and the idle machine."""
    tables: list[Table] = []
    promised: list[Claim] = []
    users = (None, options.uid) if os.geteuid() == 0 else (None,)
    for name in ("idle", *options.loads):
        for uid in users:
            with loads.running(loads.LOADS[name], uid=uid), user(uid) as who:
                parity.require(homeport.python, "-tlnp", who)
                costs = interleaved(peers(homeport, who), options.rounds)
            where = f"{name}, as {who.name}"
            tables.append(cost_table(where, costs, BARE if name == "idle" else "ss -tlnp"))
            promised += claims(costs, where)
    return Result("command", "The command, start to finish", tables, promised)


if __name__ == "__main__":
    script.main(__doc__, measure)
