"""What becomes of services when their supervisor, or their shim, is killed."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

import pytest

from homeport.host.descendants import children_of
from homeport.host.shim import Spawned, end_orphans, spawn
from tests.host.shim.watching import KINDS, Watched, program, python
from tests.support import ROOT, has_ended, wait_until
from tests.support import spawn as run

pytestmark = pytest.mark.filterwarnings(
    # The workers of pytest-xdist have threads, which the supervisor has not.
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)

SUPERVISOR = """
import select, sys
sys.path.insert(0, {root!r})
from homeport.host.shim import become_subreaper, spawn
from tests.host.shim.watching import KINDS, Watched, pid_printed, program, python
become_subreaper()
held = []
for kind in KINDS.values():
    spawned = spawn(program(*python(kind), orphan_ms=200))
    held.append(spawned)
    print("pids", spawned.pid, pid_printed(Watched(spawned)), flush=True)
print("all up", flush=True)
select.select([], [], [])
"""


def test_nothing_is_left_once_the_supervisor_is_killed() -> None:
    code = SUPERVISOR.format(root=str(ROOT))
    with run([sys.executable, "-c", code], ready="all up") as supervisor:
        lines = supervisor.output.splitlines()
        pids = [int(word) for line in lines for word in line.split()[1:] if word.isdigit()]
        assert len(pids) == 2 * len(KINDS)
        os.kill(supervisor.pid, signal.SIGKILL)
        wait_until(lambda: all(map(has_ended, pids)), what="everything to end")


GRACEFUL = """
import signal, sys
def end(*_):
    open({path!r}, "w").write("ended well")
    sys.exit()
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, lambda *_: sys.exit("hung up"))
print("up", flush=True)
while True:
    print("and more to read, which nobody does" * 100)
"""


def test_a_service_ends_in_its_own_way_although_nobody_reads_any_more(tmp_path: Path) -> None:
    path = tmp_path / "told"
    code = (
        "import select, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from homeport.host.shim import spawn\n"
        "from tests.host.shim.watching import program, python\n"
        f"spawned = spawn(program(*python({GRACEFUL.format(path=str(path))!r})))\n"
        "select.select([spawned.terminal_fd], [], [])\n"
        "print('up', spawned.pid, flush=True)\n"
        "select.select([], [], [])\n"
    )
    with run([sys.executable, "-c", code], ready=r"^up \d+") as supervisor:
        shim = int(supervisor.output.split()[1])
        os.kill(supervisor.pid, signal.SIGKILL)
        wait_until(lambda: has_ended(shim))
    assert path.read_text() == "ended well"


def test_a_shim_that_is_killed_loses_nothing_to_the_supervisor() -> None:
    code = (
        "import os, signal, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from homeport.host.shim import become_subreaper, end_orphans, spawn\n"
        "from homeport.model.running import Lost\n"
        "from tests.host.shim.watching import KINDS, Watched, pid_printed, program, python\n"
        "become_subreaper()\n"
        "with spawn(program(*python(KINDS['plain']))) as other:\n"
        "    pid_printed(Watched(other))\n"
        "    for kind in KINDS.values():\n"
        "        spawned = spawn(program(*python(kind)))\n"
        "        watched = Watched(spawned)\n"
        "        pid = pid_printed(watched)\n"
        "        os.kill(spawned.pid, signal.SIGKILL)\n"
        "        watched.until(lambda: watched.reports and watched.reports[-1] == Lost())\n"
        "        assert end_orphans() == 0\n"
        "        assert not (spawned.started.cgroup and os.path.exists(spawned.started.cgroup))\n"
        "        assert not os.path.exists(f'/proc/{pid}')\n"
        "        spawned.close()\n"
        "    assert other.members()\n"
        "print('all well', flush=True)\n"
    )
    with run([sys.executable, "-c", code]) as supervisor:
        supervisor.wait_for("all well")


def test_what_homeport_has_let_go_on_alone_is_not_ended() -> None:
    code = (
        "import os, subprocess, sys\n"
        "from homeport.host.shim import become_subreaper, end_orphans\n"
        "become_subreaper()\n"
        "argv = [sys.executable, '-P', '-m', 'homeport.__main__', 'watch']\n"
        "with subprocess.Popen(argv) as own, subprocess.Popen(['sleep', '1000']) as other:\n"
        "    assert end_orphans() == 0\n"
        "    assert os.path.exists(f'/proc/{own.pid}')\n"
        "    assert not os.path.exists(f'/proc/{other.pid}')\n"
        "    own.kill()\n"
        "print('all well', flush=True)\n"
    )
    with run([sys.executable, "-c", code]) as supervisor:
        supervisor.wait_for("all well")


def test_there_may_be_no_orphans() -> None:
    with spawn(program(*python(KINDS["plain"]))) as spawned:
        Watched(spawned).until_printed(b"pid")
        own = set(children_of(os.getpid())) - {spawned.pid}
        assert end_orphans(spare=own) == 0
        assert spawned.members()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_whenever_the_supervisor_is_killed_nothing_is_left(seed: int) -> None:
    chance = random.Random(seed)
    token = f"homeport-test-{os.getpid()}-{seed}"
    supervisor = os.fork()
    if supervisor == 0:
        _supervise(token)
    try:
        wait_until(lambda: len(_marked(token)) > chance.randrange(1, 12))
    finally:
        os.kill(supervisor, signal.SIGKILL)
        os.waitpid(supervisor, 0)
    wait_until(lambda: not _marked(token), what="everything to end")


def _supervise(token: str) -> None:
    try:
        held: list[Spawned] = []
        while True:
            for kind in KINDS.values():
                asked = program(*python(kind), orphan_ms=100)
                held.append(spawn(asked._replace(env=(*asked.env, ("TOKEN", token)))))
            Watched(held[-1]).until_printed(b"pid")
    finally:
        os._exit(1)


def _marked(token: str) -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _has(name, token)]


def _has(pid: str, token: str) -> bool:
    try:
        return token.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
