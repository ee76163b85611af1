"""What a process is doing, and what the kernel counts: looked at twice, it tells what happens.

Linux: proc_pid_stat(5), proc_pid_limits(5), /proc/net/netstat.
"""

from __future__ import annotations

import os
import time

from homeport.model.record import NamedTuple
from homeport.wire.net_counters import Counters, parse_counters

_MOST_THREADS = 32


class ProcessPulse(NamedTuple):
    """A process at one moment.

    `state` is its letter in proc_pid_stat(5), `cpu_ns` the processor time it has used,
    `descriptors` how many it has and `descriptor_limit` how many it may, `waits_in` the kernel
    function in which its first thread sleeps, `tracer` the process that traces it (a debugger).
    `waited_ns` is how long its threads were ready to run while others had the processors. What is
    hidden from this user is None.
    """

    pid: int
    state: str
    cpu_ns: int
    at_ns: int
    threads: int
    descriptors: int | None = None
    descriptor_limit: int | None = None
    waits_in: str | None = None
    tracer: int | None = None
    waited_ns: int | None = None

    @property
    def stopped(self) -> bool:
        """Whether it does not run until somebody lets it: a signal, a debugger."""
        return self.state in ("T", "t")

    @property
    def frozen(self) -> bool:
        """Whether its cgroup is frozen, as a container's is that was paused."""
        # A stopped one sleeps in get_signal() too, in another state.
        inlined = self.waits_in == "get_signal" and self.state == "S"
        return inlined or self.waits_in in ("__refrigerator", "do_freezer_trap")

    @property
    def spare(self) -> int | None:
        """How many more files and connections it may open."""
        if self.descriptors is None or self.descriptor_limit is None:
            return None
        return self.descriptor_limit - self.descriptors

    def busy_since(self, before: ProcessPulse) -> float:
        """The share of one processor that it has used since an earlier look."""
        passed = self.at_ns - before.at_ns
        return (self.cpu_ns - before.cpu_ns) / passed if passed > 0 else 0.0

    def ready_since(self, before: ProcessPulse) -> float:
        """How many processors it could have used: on a busy machine that is more than it got."""
        passed = self.at_ns - before.at_ns
        waited = (self.waited_ns or 0) - (before.waited_ns or 0)
        return self.busy_since(before) + (max(0, waited) / passed if passed > 0 else 0.0)


def process_pulse(pid: int, proc: str = "/proc") -> ProcessPulse | None:
    """What a process does now; None once it has ended."""
    stat = _read(f"{proc}/{pid}/stat")
    if stat is None:
        return None
    fields = stat.rpartition(b")")[2].split()
    if len(fields) < 18:
        return None
    tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return ProcessPulse(
        pid=pid,
        state=fields[0].decode("ascii", "replace"),
        cpu_ns=(int(fields[11]) + int(fields[12])) * tick_ns,
        at_ns=time.monotonic_ns(),
        threads=int(fields[17]),
        descriptors=_descriptors(pid, proc),
        descriptor_limit=_limit(pid, proc),
        waits_in=(_read(f"{proc}/{pid}/wchan") or b"").decode("ascii", "replace") or None,
        tracer=_tracer(pid, proc) if fields[0] == b"t" else None,
        waited_ns=_waited_ns(pid, proc),
    )


def process_name(pid: int | None, proc: str = "/proc") -> str | None:
    """The name of a process (TASK_COMM); None once it has ended."""
    name = _read(f"{proc}/{pid}/comm")
    return None if name is None else name.decode("utf-8", "replace").rstrip("\n")


def tcp_counters(proc: str = "/proc") -> Counters | None:
    """The counters of the calling thread's network namespace; None where there are none."""
    netstat = _read(f"{proc}/thread-self/net/netstat")
    if netstat is None:
        return None
    return parse_counters(netstat, _read(f"{proc}/thread-self/net/snmp") or b"")


def _descriptors(pid: int, proc: str) -> int | None:
    try:
        return len(os.listdir(f"{proc}/{pid}/fd"))
    except OSError:
        return None


def _limit(pid: int, proc: str) -> int | None:
    for line in (_read(f"{proc}/{pid}/limits") or b"").splitlines():
        if line.startswith(b"Max open files"):
            soft = line.split()[3]
            return int(soft) if soft.isdigit() else None
    return None


def _waited_ns(pid: int, proc: str) -> int | None:
    """The second number of /proc/PID/task/TID/schedstat (Documentation/scheduler/sched-stats)."""
    try:
        threads = os.listdir(f"{proc}/{pid}/task")[:_MOST_THREADS]
    except OSError:
        return None
    words = [(_read(f"{proc}/{pid}/task/{each}/schedstat") or b"").split() for each in threads]
    return sum(int(each[1]) for each in words if len(each) > 1)


def _tracer(pid: int, proc: str) -> int | None:
    for line in (_read(f"{proc}/{pid}/status") or b"").splitlines():
        if line.startswith(b"TracerPid:"):
            return int(line.split()[1]) or None
    return None


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return None
