"""How much memory 50,000 sockets take, through the library and through the command.

`python -m benchmarks.memory`. The figure is the peak of the resident set, as the kernel counts it.
"""

from benchmarks import loads, parity, script
from benchmarks.install import Installed
from benchmarks.measure import (
    Claim,
    Options,
    Result,
    Table,
    User,
    run_python,
    user,
)

LIMIT_MB = 150
COMMANDS = (("ls", "--all", "--plain"), ("ls", "--all"), ("ls", "--all", "--json"))
CODE = """
import homeport
taken = homeport.snapshot({query})
rows = [tuple(row) for row in taken.connections] if {read} else []
print(len(taken.listeners) + len(taken.connections))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

# The kernel counts the parent's peak as the child's own, up to exec: so the parent is a small one.
SMALL_PARENT = """
import os, sys
null = [(os.POSIX_SPAWN_OPEN, stream, "/dev/null", os.O_RDWR, 0) for stream in (0, 1, 2)]
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=null)
_, status, usage = os.wait4(pid, 0)
if status:
    sys.exit(f"{sys.argv[1:]} ended with {status}")
print(usage.ru_maxrss)
"""


def library_mb(python: str, who: User, query: str, *, read: bool) -> tuple[int, float]:
    """The sockets of a snapshot in a fresh interpreter, and its peak in MB (10^6 bytes)."""
    sockets, peak_kib = run_python(python, CODE.format(query=query, read=read), who).split()
    return int(sockets), int(peak_kib) * 1024 / 1e6


def command_mb(python: str, who: User, *argv: str) -> float:
    """The peak in MB of a whole process."""
    return int(run_python(python, SMALL_PARENT, who, *argv)) * 1024 / 1e6


def measure(homeport: Installed, _options: Options) -> Result:
    """One snapshot, one list, and ss beside it."""
    with user() as who, loads.running(loads.FIFTY_THOUSAND):
        parity.require(homeport.python, "-tanp", who)
        sockets, taken = library_mb(homeport.python, who, "", read=False)
        _, read = library_mb(homeport.python, who, "", read=True)
        figures = {
            "library: `snapshot()`": taken,
            "library: `snapshot()`, every connection kept as a tuple of its own": read,
            **{
                f"command: `{' '.join(('homeport', *flags))}`": command_mb(
                    homeport.python, who, homeport.homeport, *flags
                )
                for flags in COMMANDS
            },
            "peer: `ss -tanp`": command_mb(homeport.python, who, "ss", "-tanp"),
        }
    rows = [(label, f"{peak:.0f}") for label, peak in figures.items()]
    promised = [
        Claim(f"{sockets:,} sockets, {label}", peak, LIMIT_MB, "MB")
        for label, peak in figures.items()
        if not label.startswith("peer")
    ]
    table = Table(f"Peak of the resident set, {sockets:,} sockets", ("", "MB"), rows)
    return Result("memory", "Memory", [table], promised)


if __name__ == "__main__":
    script.main(__doc__, measure)
