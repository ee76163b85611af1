"""The comparison of `benchmarks.identify` once more, on ports that are usual for the servers.

There nmap has what it knows of ports to go by. `benchmarks.identify` runs this as
`python -m benchmarks.usual_ports HOMEPORT NMAP`, in a network and a process namespace of its own,
so that no port is taken and nobody else is reached. Prints two tables as JSON.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from benchmarks import identify
from benchmarks.measure import ROOT, Failed, Table
from benchmarks.server_kinds import USUAL_PORTS, all_servers
from benchmarks.servers import running

APART = ("unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")


def tables(homeport: str, nmap: str) -> list[Table]:
    """Both tables, from within the namespaces. Needs root."""
    argv = [*APART, sys.executable, "-m", "benchmarks.usual_ports", homeport, nmap]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"on usual ports: {done.stdout}{done.stderr}")
    return [Table(*each) for each in json.loads(done.stdout)]


def measured(homeport: str, nmap: str) -> Sequence[Table]:
    """Every server that has a port of its own is started, and both are run once."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with contextlib.ExitStack() as stack:
        started = []
        for server in all_servers():
            with contextlib.suppress(pytest.skip.Exception):
                if server.name in USUAL_PORTS:
                    each = running(server, USUAL_PORTS[server.name])
                    started.append(stack.enter_context(each))
        asked = identify.ask(homeport, nmap, [each.port for each in started], 1)
        title = f"{len(started)} of them, each on a port that is usual for it, once"
        return [
            identify.score_table(title, started, asked),
            identify.server_table("What each said there", started, asked),
        ]


if __name__ == "__main__":
    print(json.dumps(measured(*sys.argv[1:])))
