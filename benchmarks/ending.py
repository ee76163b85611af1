"""What is left of services after they were stopped, and after their supervisor was killed by -9.

`python -m benchmarks.ending`. Every process that comes of a service inherits a variable of its
environment, by which it is found in /proc, however it detached itself. Peers run in the same
rounds: a signal to the process group (as foreman and honcho do), and psutil's tree of children.
"""

import contextlib
import os
import random
import select
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import psutil

from benchmarks import script
from benchmarks.install import Installed
from benchmarks.measure import Claim, Failed, Options, Result, Table
from homeport.host import prctl
from homeport.host.shim import Capabilities, Spawned, become_subreaper, spawn
from homeport.model.running import Gone, Program, Started

MOMENTS = 200
STOPS = 5
STARTS = 60
GRACE_MS = 100
LONGEST_S = 20.0

KINDS = {
    "plain": "sleep 1000; true",
    "ignores SIGTERM": "trap '' TERM HUP; sleep 1000; true",
    "own session": "setsid sh -c 'sleep 1000; true' & sleep 1000; true",
    "daemonised twice": "(setsid sh -c \"(trap '' TERM HUP; sleep 1000; true) &\") & sleep 1000",
}
SHORT = "sleep 0.02"


def marked(token: str) -> list[int]:
    """The processes that came of services with this token, those that have ended left out."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and token.encode() in Path(f"/proc/{name}/environ").read_bytes():
                found.append(int(name))
    return found


def end(token: str) -> None:
    """Ends whatever has survived, and waits for what came to us by that."""
    deadline = time.monotonic() + LONGEST_S
    while left := marked(token):
        if time.monotonic() > deadline:
            raise Failed(f"{left} cannot be ended")
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()
    reap()


def reap() -> None:
    """Waits for the children of ours that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def environment(token: str) -> dict[str, str]:
    """What a service gets, and all that comes of it."""
    return {"PATH": os.environ["PATH"], "HOMEPORT_BENCHMARK": token}


def program(code: str, token: str) -> Program:
    """A service for a shim."""
    env = tuple(environment(token).items())
    return Program(("sh", "-c", code), env, "/", orphan_ms=GRACE_MS)


def popen(
    code: str, token: str, before: Callable[[], object] | None = None
) -> subprocess.Popen[bytes]:
    """A service without one, the leader of a session."""
    return subprocess.Popen(
        ["sh", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(token),
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509  (there are no threads here)
    )


# Asked to stop.


def stop_by_group(code: str, token: str) -> None:
    """TERM to the process group, and KILL after the grace."""
    with popen(code, token) as service:
        settled(code, token)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(service.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.wait(GRACE_MS / 1000)


def stop_by_tree(code: str, token: str) -> None:
    """TERM to it and all its descendants, and KILL after the grace."""
    with popen(code, token) as service:
        settled(code, token)
        root = psutil.Process(service.pid)
        tree = [root, *root.children(recursive=True)]
        for each in tree:
            with contextlib.suppress(psutil.Error):
                each.terminate()
        for each in psutil.wait_procs(tree, GRACE_MS / 1000)[1]:
            with contextlib.suppress(psutil.Error):
                each.kill()


def stop_by_shim(means: Capabilities) -> Callable[[str, str], None]:
    """As the supervisor does it."""

    def stop(code: str, token: str) -> None:
        with spawn(program(code, token), allowed=means) as service:
            settled(code, token)
            service.stop("TERM", GRACE_MS)
            until(service, Gone)

    return stop


def until(service: Spawned, wanted: type[Gone | Started]) -> None:
    """Listens to a shim until it tells of this."""
    deadline = time.monotonic() + LONGEST_S
    while not any(isinstance(each, wanted) for each in service.read_reports()):
        select.select([service], [], [], 1)
        if time.monotonic() > deadline:
            raise Failed(f"a shim does not tell of {wanted.__name__}")


def settled(code: str, token: str) -> None:
    """Waits until a service has all the processes that it will have."""
    deadline = time.monotonic() + LONGEST_S
    while names(token).count("sleep") < code.count("sleep 1000"):
        if time.monotonic() > deadline:
            raise Failed(f"{code!r} does not start")


def names(token: str) -> list[str]:
    """What the processes of a token are called."""
    found = []
    for pid in marked(token):
        with contextlib.suppress(OSError):
            found.append(Path(f"/proc/{pid}/comm").read_text().strip())
    return found


WAYS = {
    "killpg": stop_by_group,
    "psutil tree": stop_by_tree,
    "shim, walking": stop_by_shim(Capabilities(adopts=True, cgroups=False)),
    "shim": stop_by_shim(Capabilities(adopts=True, cgroups=True)),
}


def stops() -> Table:
    """Survivors of each kind by each way."""
    left = {(way, kind): 0 for way in WAYS for kind in KINDS}
    for number in range(STOPS):
        for way, stop in WAYS.items():
            for kind, code in KINDS.items():
                token = f"{os.getpid()}-stop-{number}-{way}-{kind}"
                stop(code, token)
                left[way, kind] += len(marked(token))
                end(token)
    rows = [(way, *(str(left[way, kind]) for kind in KINDS)) for way in WAYS]
    return Table(f"Processes left after {STOPS} stops", ("way", *KINDS), rows)


# Killed.


def supervise(start: Callable[[str], object]) -> NoReturn:
    """Starts services of all kinds, and short ones between, until it is killed."""
    try:
        chance = random.Random(os.getpid())
        held: list[object] = []
        while len(held) < STARTS:
            held.append(start(chance.choice([*KINDS.values(), SHORT, SHORT])))
        select.select([], [], [])
    finally:
        os._exit(1)


def kill_at_random(start: Callable[[str], object], delay_s: float) -> None:
    """A supervisor that is killed some time after it began."""
    supervisor = os.fork()
    if supervisor == 0:
        supervise(start)
    select.select([], [], [], delay_s)
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)


def starters(token: str, keep: int) -> dict[str, Callable[[str], object]]:
    """How a supervisor starts a service."""
    dying = lambda: prctl.die_with_parent(signal.SIGKILL)  # noqa: E731  (preexec_fn wants one)
    return {
        "own session": lambda code: popen(code, f"{token}-own session"),
        "PDEATHSIG": lambda code: popen(code, f"{token}-PDEATHSIG", dying),
        "shim": lambda code: spawn(program(code, f"{token}-shim"), keep=[keep]),
    }


def kills(moments: int) -> tuple[Table, int]:
    """Survivors after a kill at random moments, and those of shims."""
    chance = random.Random(0)
    left = dict.fromkeys(starters("", 0), 0)
    bad = dict.fromkeys(left, 0)
    lasted_ms = []
    for number in range(moments):
        token = f"{os.getpid()}-kill-{number}"
        reading, writing = os.pipe()
        delay_s = chance.uniform(0.001, 0.15)
        for start in starters(token, writing).values():
            kill_at_random(start, delay_s)
        began = time.monotonic()
        os.close(writing)
        if not select.select([reading], [], [], LONGEST_S)[0]:
            raise Failed("a shim outlives its supervisor")
        os.close(reading)
        lasted_ms.append((time.monotonic() - began) * 1000)
        for way in left:
            found = len(marked(f"{token}-{way}"))
            left[way] += found
            bad[way] += bool(found)
        end(token)
    rows = [(way, str(left[way]), str(bad[way])) for way in left]
    median = statistics.median(lasted_ms)
    title = f"After {moments} kills (until the last shim was gone: {median:.0f} ms at p50)"
    return Table(title, ("way", "processes left", "kills that left some"), rows), left["shim"]


# What a start costs.


def starts() -> tuple[Table, float]:
    """From the call until the program is executed, and what a shim adds."""
    took: dict[str, list[float]] = {"subprocess.Popen": [], "shim": [], "shim, no cgroup": []}
    for _ in range(STARTS):
        for way, means in (("shim", True), ("shim, no cgroup", False)):
            began = time.perf_counter()
            allowed = Capabilities(adopts=True, cgroups=means)
            with spawn(program("true", "start"), allowed=allowed) as service:
                until(service, Started)
                took[way].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        with popen("true", "start"):
            took["subprocess.Popen"].append((time.perf_counter() - began) * 1000)
    p50 = {way: statistics.median(each) for way, each in took.items()}
    rows = [(way, f"{p50[way]:.1f}", f"{max(each):.1f}") for way, each in took.items()]
    table = Table("Until a program runs, in ms", ("way", "p50", "worst"), rows)
    return table, p50["shim"] - p50["subprocess.Popen"]


def measure(_homeport: Installed, options: Options) -> Result:
    """Stops, kills, starts."""
    become_subreaper()
    stopped = stops()
    killed, survivors = kills(MOMENTS if options.rounds > 1 else 10)
    started, added_ms = starts()
    claims: Sequence[Claim] = (
        Claim("processes that outlive a killed supervisor", survivors, 0, "processes"),
        Claim("what three shims add to the start of three programs", 3 * added_ms, 300, "ms"),
    )
    return Result("ending", "Ending what was started", [stopped, killed, started], claims)


if __name__ == "__main__":
    script.main(__doc__, measure)
