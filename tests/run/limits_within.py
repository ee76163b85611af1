"""Services with limits, and what becomes of them: the only program of a kernel of its own.

As `limits_within.py USER PART ENV COMMAND...`: in that part of the cgroup tree, which the user owns
where it is not the whole. ENV, and what it prints, is JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TREE = Path("/sys/fs/cgroup")
BASE = Path("/run/limits")

DECLARATION = """
[services.eater]
run = "exec python3 eater.py"
port = false
restart = "never"
limits = { memory = "100MB" }

[services.forker]
run = "python3 forker.py"
port = false
ready = "log:children"
limits = { processes = 5 }

[services.spinner]
run = "python3 spinner.py"
port = false
limits = { cpus = 0.25 }
"""
EATER = """
import subprocess, sys
child = "x = b'x' * (40 << 20); print('eaten', flush=True); input()"
with subprocess.Popen([sys.executable, "-c", child], stdin=-1, stdout=-1) as other:
    other.stdout.readline()
    x = b"x" * (80 << 20)
"""
FORKER = """
import os, signal
children = 0
try:
    for children in range(20):
        if os.fork() == 0:
            signal.pause()
except BlockingIOError:
    pass
print(children, "children", flush=True)
signal.pause()
"""
SPINNER = """
import os
os.fork()
while True:
    pass
"""
FILES = {
    "homeport.toml": DECLARATION,
    "eater.py": EATER,
    "forker.py": FORKER,
    "spinner.py": SPINNER,
}


def main() -> None:
    user, part = int(sys.argv[1]), TREE / sys.argv[2]
    env, command = json.loads(sys.argv[3]), sys.argv[4:]
    part.mkdir(parents=True, exist_ok=True)
    above = [each for each in part.parents if each.is_relative_to(TREE)]
    for each in [*reversed(above), *([] if above else [TREE])]:
        (each / "cgroup.subtree_control").write_text("+memory +pids +cpu")
    (part / "cgroup.procs").write_text("0")
    BASE.mkdir()
    if user:
        for each in [part, *above]:
            _delegate(each, user)
        os.chown(BASE, user, user)
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    print(json.dumps(_told(command, env)))


def _delegate(part: Path, user: int) -> None:
    """As cgroups(7) has it, under "Cgroups delegation"; but not the whole of the tree."""
    if part != TREE:
        for path in (part, part / "cgroup.procs", part / "cgroup.subtree_control"):
            os.chown(path, user, user)


def _told(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    project = BASE / "shop"
    project.mkdir()
    for name, text in FILES.items():
        (project / name).write_text(text)
    env = {**env, "PATH": os.environ["PATH"], "HOME": str(BASE), "LC_ALL": "C.UTF-8"}
    for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        env[variable] = str(BASE / variable.lower())
        os.mkdir(env[variable], 0o700)

    def homeport(*args: str) -> str:
        done = subprocess.run(
            [*command, *args],
            cwd=project,
            env=env,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr

    homeport("up", "-d")
    services: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + 30
    while services.get("eater", {}).get("state") not in ("failed", "done"):
        assert time.monotonic() < deadline, services
        projects = json.loads(homeport("ps", "--json"))["projects"]
        services = {each["name"]: each for project in projects for each in project["services"]}
    spinner = services["spinner"]["pid"]
    within = Path(f"/proc/{spinner}/cgroup").read_text(encoding="utf-8").strip().removeprefix("0::")
    stat = (TREE / within.lstrip("/") / "cpu.stat").read_text(encoding="utf-8")
    logs = homeport("logs")
    homeport("stop")
    left = [str(path) for path in TREE.rglob("homeport-*")]
    return {"services": services, "cpu": stat, "within": within, "logs": logs, "left": left}


if __name__ == "__main__":
    main()
