"""What `homeport up` costs over what the servers need themselves, and what a kill -9 leaves.

`python -m benchmarks.up`. A project of Flask, PostgreSQL and Redis comes up *cold* (nothing made
yet) and *warm*; beside it, in turn, a script does the same by hand: the same programs with the same
arguments, as the recipes have them, started as soon as what they need answers, and looked at every
millisecond. Then a project of two small servers has its supervisor, or the gateway, killed at
random moments, and has to come up again each time.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import script
from benchmarks.install import Installed
from benchmarks.measure import Claim, Failed, Options, Result, Table, clean_environment

KILLS = 200
KILLS_SEED = 62893
COLD_MS, WARM_MS, OVER_MS, STOP_MS = 3000, 1000, 300, 1000
LONGEST_S = 60.0

APP = """\
import flask
app = flask.Flask(__name__)

@app.get("/")
def hello():
    return "hello"
"""
SHOP = """\
[services.db]
recipe = "postgresql"

[services.cache]
recipe = "redis"

[services.web]
recipe = "flask"
needs = ["db", "cache"]
reload = false
"""
SMALL = """\
[services.api]
run = "python3 -m http.server --bind 127.0.0.1 $PORT"

[services.web]
run = "python3 -m http.server --bind 127.0.0.1 $PORT"
needs = ["api"]
"""
ASSEMBLE = """
import json, os, sys
from homeport import api
from homeport.run.supervise.assembly import assemble
from homeport.run.supervise.instance import instance_of

declared = api.declaration(sys.argv[1])
instance = instance_of(declared.root, declared.name)
ports = dict(zip((each.name for each in declared.services), map(int, sys.argv[2:])))
found = assemble(declared, instance, ports=ports, url_of=lambda host: None, environ=os.environ)
print(json.dumps([{
    "name": name, "needs": each.needs, "port": each.place.port, "argv": each.launch.argv,
    "env": dict(each.env), "directory": each.service.directory,
    "before": [step._asdict() for step in each.launch.before],
    "after": [step._asdict() for step in each.launch.after],
    "signal": each.stop_signal,
} for name, each in found.items()]))
"""


class Project(NamedTuple):
    """A project directory, and an environment in which nothing is remembered but its own."""

    root: Path
    env: dict[str, str]
    command: list[str]

    def homeport(self, *args: str, fine: Sequence[int] = (0,)) -> str:
        """Runs the command in it; what it prints."""
        done = subprocess.run(
            [*self.command, *args],
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
        )
        if done.returncode not in fine:
            raise Failed(
                f"homeport {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def forget(self) -> None:
        """As if it had never run."""
        for name in ("state", "cache"):
            shutil.rmtree(self.root.parent / name, ignore_errors=True)

    def processes(self) -> list[int]:
        """All that came of it, found by its environment, however it detached itself."""
        marker = f"XDG_RUNTIME_DIR={self.env['XDG_RUNTIME_DIR']}".encode()
        found = []
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if name.isdigit() and marker in Path(f"/proc/{name}/environ").read_bytes():
                    found.append(int(name))
        return found

    def pids_of(self, word: str) -> list[int]:
        """Those whose command line has a word."""
        found = []
        for pid in self.processes():
            with contextlib.suppress(OSError):
                if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found


@contextlib.contextmanager
def project(homeport: Installed, declaration: str) -> Iterator[Project]:
    """A project; all of it is ended and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="homeport-up-") as name:
        base = Path(name)
        root = base / "shop"
        root.mkdir()
        (base / "run").mkdir(mode=0o700)
        (root / "app.py").write_text(APP)
        (root / "homeport.toml").write_text(declaration)
        env = clean_environment() | {
            "XDG_RUNTIME_DIR": str(base / "run"),
            "XDG_STATE_HOME": str(base / "state"),
            "XDG_CACHE_HOME": str(base / "cache"),
            "HOMEPORT_PORT": str(free_ports(1)[0]),
            # Flask is in the environment that this script runs in.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        made = Project(root, env, [homeport.homeport])
        try:
            yield made
        finally:
            made.homeport("stop", "--now", fine=(0, 1))
            for pid in made.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not made.processes(), "the end of the project's processes")


def free_ports(count: int) -> list[int]:
    """Ports that nobody has just now."""
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [each.getsockname()[1] for each in sockets]


def wait_for(condition: Callable[[], object], what: str, pause_s: float = 0.005) -> None:
    """Waits within a limit."""
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"waited in vain for {what}")
        time.sleep(pause_s)


# By hand.


def by_hand(homeport: Installed, shop: Project) -> float:
    """Seconds until all answer, started as a script would; they are ended again."""
    names = 3
    ports = [str(port) for port in free_ports(names)]
    told = subprocess.run(
        [str(homeport.python), "-c", ASSEMBLE, str(shop.root), *ports],
        env=shop.env,
        capture_output=True,
        text=True,
        check=True,
    )
    services = json.loads(told.stdout)
    with contextlib.ExitStack() as stack:
        began = time.perf_counter()
        running = [Hand(service, stack) for service in services]
        ready: set[str] = set()
        while len(ready) < len(running):
            for each in running:
                each.go_on(ready)
            if time.perf_counter() - began > LONGEST_S:
                raise Failed("the servers do not come up by hand")
            time.sleep(0.001)
        return time.perf_counter() - began


class Hand:
    """One server that is started by hand: steps before, itself, steps after, each when it can."""

    def __init__(self, service: dict[str, Any], stack: contextlib.ExitStack) -> None:
        self._service = service
        self._stack = stack
        self._todo: list[dict[str, Any] | None] = [*service["before"], None, *service["after"]]
        self._process: subprocess.Popen[bytes] | None = None
        self._serves = False

    def go_on(self, ready: set[str]) -> None:
        """Does the next thing if the last one is done."""
        if self._service["name"] in ready or not ready.issuperset(self._service["needs"]):
            return
        if self._process is not None and not self._is_done(self._process):
            return
        if self._todo:
            self._begin(self._todo.pop(0))
        else:
            ready.add(self._service["name"])

    def _is_done(self, process: subprocess.Popen[bytes]) -> bool:
        if not self._serves:
            return process.poll() is not None
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self._service["port"])) == 0

    def _begin(self, step: dict[str, Any] | None) -> None:
        self._serves = step is None
        argv, env = self._service["argv"], self._service["env"]
        if step is not None:
            if step["unless"] and os.path.exists(step["unless"]):
                self._process = None
                return
            argv, env = step["argv"], {**env, **dict(step["env"])}
        self._process = subprocess.Popen(
            argv,
            env=env,
            cwd=self._service["directory"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if step is None:
            self._stack.callback(end, self._process, self._service["signal"])


def end(process: subprocess.Popen[bytes], name: str) -> None:
    """Ends a server that was started by hand."""
    os.killpg(process.pid, signal.Signals[f"SIG{name}"])
    process.wait(LONGEST_S)


# Measuring.


def seconds(work: Callable[[], object]) -> float:
    """What it takes on the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def starts(homeport: Installed, options: Options) -> tuple[Table, list[Claim]]:
    """Cold and warm starts, and stops, in turn with those by hand."""
    taken: dict[str, list[float]] = {}

    def took(what: str, value: float) -> None:
        taken.setdefault(what, []).append(value * 1000)

    with project(homeport, SHOP) as shop:
        for _ in range(options.rounds):
            shop.forget()
            took("cold, homeport up -d", seconds(lambda: shop.homeport("up", "-d")))
            took("stop", seconds(lambda: shop.homeport("stop")))
            took("warm, homeport up -d", seconds(lambda: shop.homeport("up", "-d")))
            shop.homeport("stop")
            shop.forget()
            took("cold, by hand", by_hand(homeport, shop))
            took("warm, by hand", by_hand(homeport, shop))
    medians = {what: statistics.median(values) for what, values in taken.items()}
    rows = [
        (what, f"{medians[what]:,.0f}", f"{min(taken[what]):,.0f}", f"{max(taken[what]):,.0f}")
        for what in sorted(medians)
    ]
    table = Table("Flask + PostgreSQL + Redis", ("", "ms, median", "least", "most"), rows)
    # Round by round: what slows the machine for a while slows both.
    over = {
        kind: statistics.median(
            ours - theirs
            for ours, theirs in zip(
                taken[f"{kind}, homeport up -d"], taken[f"{kind}, by hand"], strict=True
            )
        )
        for kind in ("cold", "warm")
    }
    return table, [
        Claim("ready, cold", medians["cold, homeport up -d"], COLD_MS, "ms"),
        Claim("ready, warm", medians["warm, homeport up -d"], WARM_MS, "ms"),
        Claim("cold, over what the servers need themselves", over["cold"], OVER_MS, "ms"),
        Claim("warm, over what the servers need themselves", over["warm"], OVER_MS, "ms"),
        Claim("stop", medians["stop"], STOP_MS, "ms"),
    ]


def kills(homeport: Installed) -> tuple[Table, list[Claim]]:
    """Supervisor and gateway killed at random moments."""
    dice = random.Random(KILLS_SEED)
    orphans = failures = moved = 0
    longest = 0.0
    with project(homeport, SMALL) as small:
        small.homeport("up", "-d")
        ports = ports_of(small)
        longest = seconds(lambda: small.homeport("restart"))
        for number in range(KILLS):
            victim = ("homeport\0up", "gateway.serving")[number % 2]
            before = served(small)
            kill_during(small, victim, dice.uniform(0, longest * 1.5))
            small.homeport("up", "-d")
            failures += states(small) != {"api": "ready", "web": "ready"}
            moved += ports_of(small) != ports
            orphans += len([pid for pid in before if alive(pid) and pid not in served(small)])
        small.homeport("stop")
        wait_for(lambda: not small.processes(), "the end of all processes")
        leases = json.loads(small.homeport("lease", "--list", "--json"))["leases"]
    title = f"kill -9 at {KILLS} random moments, of the supervisor and of the gateway in turn"
    rows = [
        ("processes left over", f"{orphans}"),
        ("`up` after it did not work", f"{failures}"),
        ("ports that were another one afterwards", f"{moved}"),
        ("leases left at the end", f"{len(leases)}"),
    ]
    claims = [Claim(what, float(value), 0, "") for what, value in rows]
    return Table(title, ("", "count"), rows), claims


def kill_during(small: Project, victim: str, delay_s: float) -> None:
    """Kills a process while the services are brought up anew, after some time."""
    with subprocess.Popen(
        [*small.command, "restart"],
        cwd=small.root,
        env=small.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as restarting:
        time.sleep(delay_s)
        for pid in small.pids_of(victim):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        restarting.wait(LONGEST_S)


def told(small: Project) -> list[dict[str, object]]:
    """The services as `ps` tells them."""
    found: list[dict[str, object]] = json.loads(small.homeport("ps", "--json", fine=(0, 1)))[
        "projects"
    ][0]["services"]
    return found


def states(small: Project) -> dict[str, object]:
    """The state of each service."""
    return {str(each["name"]): each["state"] for each in told(small)}


def ports_of(small: Project) -> dict[str, object]:
    """The port of each service."""
    return {str(each["name"]): each["port"] for each in told(small)}


def served(small: Project) -> list[int]:
    """The processes of the servers."""
    return small.pids_of("http.server")


def alive(pid: int) -> bool:
    """Whether a process is there, and not only waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def measure(homeport: Installed, options: Options) -> Result:
    """Starts, stops and kills."""
    start_table, start_claims = starts(homeport, options)
    kill_table, kill_claims = kills(homeport)
    return Result(
        "up",
        "Bringing services up, and what a kill leaves",
        [start_table, kill_table],
        [*start_claims, *kill_claims],
    )


if __name__ == "__main__":
    script.main(__doc__, measure)
