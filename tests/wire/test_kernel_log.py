"""Deaths in the kernel's log, as Linux 6 writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.kernel_log import Death, parse_death

MEMORY = (
    b"3,812,5000123,-;Memory cgroup out of memory: Killed process 123 (python3 (x)) "
    b"total-vm:70000kB, anon-rss:49152kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:1kB "
    b"oom_score_adj:0\n SUBSYSTEM=x\n"
)


@pytest.mark.parametrize(
    ("record", "death"),
    [
        (MEMORY, Death(5000123, 123, "python3 (x)", "out of memory", cgroup=True, rss_kb=49152)),
        (
            b"3,1,7,-;Out of memory: Killed process 9 (node) total-vm:1kB, anon-rss:2kB",
            Death(7, 9, "node", "out of memory", rss_kb=2),
        ),
        (b"6,1,7,-;nginx[12]: segfault at 0 ip 00 sp 00", Death(7, 12, "nginx", "segfault")),
        (
            b"6,1,7,-;traps: app[12] general protection fault ip:7f sp:7f error:0 in libc",
            Death(7, 12, "app", "general protection fault"),
        ),
        (b"6,1,7,-;eth0: link up", None),
        (b"6,1,x,-;nginx[12]: segfault at 0", None),
        (b"", None),
    ],
)
def test_deaths_are_read(record: bytes, death: Death | None) -> None:
    assert parse_death(record) == death


@given(st.binary(max_size=200) | st.integers(0, len(MEMORY)).map(lambda at: MEMORY[:at]))
def test_anything_is_survived(record: bytes) -> None:
    parse_death(record)
