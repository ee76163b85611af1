"""What `homeport watch` costs while nothing happens, and beside ten thousand connections.

`python -m benchmarks.watch_cpu`. Start-up does not count: the figure is the CPU time of all its
threads between two looks at the scheduler's own account, as a share of one core.
"""

import os
import signal
import subprocess
import time

from benchmarks import loads, script
from benchmarks.install import Installed
from benchmarks.measure import Claim, Failed, Options, Result, Table, User, user

SETTLE_S = 3.0


def cpu_ns(pid: int) -> int:
    """Time on a core of all threads of a process (proc_pid_schedstat, first field)."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as schedstat:
            total += int(schedstat.read().split()[0])
    return total


def share(homeport: str, who: User, seconds: float) -> float:
    """Percent of one core that a running watch takes."""
    with subprocess.Popen(
        [homeport, "watch"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=who.environment(),
    ) as process:
        try:
            time.sleep(SETTLE_S)
            if process.poll() is not None:
                raise Failed(f"homeport watch ended with {process.returncode}")
            used, started = cpu_ns(process.pid), time.perf_counter_ns()
            time.sleep(seconds)
            return (cpu_ns(process.pid) - used) / (time.perf_counter_ns() - started) * 100
        finally:
            process.send_signal(signal.SIGINT)


def measure(homeport: Installed, options: Options) -> Result:
    """A quiet machine, to which the claim belongs, and L1, to which none does."""
    rows, quiet = [], 0.0
    for name in ("idle", "L1"):
        with loads.running(loads.LOADS[name]), user() as who:
            taken = share(homeport.homeport, who, options.seconds)
        quiet = taken if name == "idle" else quiet
        rows.append((name, f"{taken:.2f}"))
    table = Table(f"`homeport watch` for {options.seconds} s", ("load", "% of a core"), rows)
    claim = Claim("`homeport watch` on a quiet machine", quiet, 1, "% of a core")
    return Result("watch_cpu", "Watching", [table], [claim])


if __name__ == "__main__":
    script.main(__doc__, measure)
