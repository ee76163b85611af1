"""The records of /dev/kmsg that tell of a process's death: for want of memory, by a fault.

The format is that of Documentation/ABI/testing/dev-kmsg in the kernel; the sentences are those of
mm/oom_kill.c and arch/x86/mm/fault.c.
"""

from __future__ import annotations

import re

from homeport.model.record import NamedTuple

_OOM = re.compile(
    r"(?P<cgroup>Memory cgroup out of memory|Out of memory)[^:]*: Killed process (?P<pid>\d+) "
    r"\((?P<name>.{0,64}?)\),? total-vm:\d+kB, anon-rss:(?P<rss>\d+)kB"
)
_FAULT = re.compile(r"^(?P<name>.{1,15})\[(?P<pid>\d+)\]: (?P<what>segfault) at ")
_TRAP = re.compile(r"^traps: (?P<name>.{1,15})\[(?P<pid>\d+)\] (?P<what>.+?) ip:")


class Death(NamedTuple):
    """A process that the kernel has ended, or that ended itself by a fault.

    `at_us` is in microseconds since boot. `why` is `out of memory` or the fault's name; `cgroup`
    tells that it was the limit of a cgroup, and `rss_kb` how much memory it had then.
    """

    at_us: int
    pid: int
    name: str
    why: str
    cgroup: bool = False
    rss_kb: int | None = None

    @property
    def of_memory(self) -> bool:
        """Whether it died for want of memory."""
        return self.why == "out of memory"


def parse_death(record: bytes) -> Death | None:
    """What one record of /dev/kmsg tells of a death; None for any other."""
    head, _, rest = record.decode("utf-8", "replace").partition(";")
    fields = head.split(",")
    if len(fields) < 3 or not (fields[2].isascii() and fields[2].isdigit()):
        return None
    text = rest.partition("\n")[0]
    found = _OOM.search(text)
    if found is not None:
        rss = found["rss"]
        return Death(
            int(fields[2]),
            int(found["pid"]),
            found["name"],
            "out of memory",
            found["cgroup"].startswith("Memory cgroup"),
            None if rss is None else int(rss),
        )
    fault = _FAULT.search(text) or _TRAP.search(text)
    if fault is None:
        return None
    return Death(int(fields[2]), int(fault["pid"]), fault["name"], fault["what"])
