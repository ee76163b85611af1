"""What a new user gets wrong, and what is said of it, word for word.

In what is expected, `…` is any text of a line, and a line of it alone any lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.support import homeport_command, leased_port, need, spawn

if TYPE_CHECKING:
    from tests.running import RunningProject

WEB = """
[services.web]
run = "python3 server.py"
"""


def up(made: RunningProject, status: int) -> str:
    """What `up` in the background says, and fails where it ends otherwise than with this status."""
    return said(made.homeport("up", "-d"), status)


def said(done: subprocess.CompletedProcess[str], status: int) -> str:
    printed = done.stdout + done.stderr
    assert done.returncode == status, printed
    return printed


def with_own_mounts(
    made: RunningProject, script: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs a shell script that may mount what it likes; `homeport` is on its PATH."""
    unshare = need("unshare", package="util-linux")
    path = f"{Path(homeport_command()[0][0]).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [unshare, "-m", "sh", "-c", script],
        cwd=made.root,
        env={**os.environ, **made.env, "PATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    if "mount: " in done.stderr and "permission denied" in done.stderr:
        pytest.skip(f"this machine allows no mount namespace: {done.stderr.strip()}")
    return done


def assert_says(printed: str, expected: str) -> None:
    """Every line of it, blanks at their ends aside."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r" *\n"
        for line in expected.strip("\n").splitlines()
    ]
    assert re.fullmatch("".join(lines), printed.strip("\n") + "\n"), printed


DECLARATIONS = {
    "quotes that are not closed": (
        '[services.web]\nrun = "python3 server.py\nport = false\n',
        """
homeport: homeport.toml:2:25: illegal character '\\n'
  2 | run = "python3 server.py
    |                         ^
  next: the quotes are not closed in this line
""",
    ),
    "unknown keys, all of them at once": (
        '[services.web]\nrun = "x"\nneed = ["db"]\n[services.db]\nrecipe = "postgres"\n',
        """
homeport: homeport.toml has 2 mistakes
homeport.toml:3:1: services.web has no `need`
  3 | need = ["db"]
    | ^
  next: did you mean `needs`?
homeport.toml:5:10: there is no recipe 'postgres'
  5 | recipe = "postgres"
    |          ^
  next: did you mean `postgresql`?
""",
    ),
    "an option that no recipe has": (
        '[services.cache]\nrecipe = "redis"\nmaxmemory = "1GB"\n',
        """
homeport: homeport.toml:3:1: services.cache has no `maxmemory`
  3 | maxmemory = "1GB"
    | ^
  next: it may have: run, recipe, port, …
""",
    ),
    "a need that is not there": (
        '[services.web]\nrun = "x"\nneeds = ["bd"]\n[services.db]\nrecipe = "redis"\n',
        """
homeport: homeport.toml:3:10: there is no service `bd`
  3 | needs = ["bd"]
    |          ^
  next: did you mean `db`?
""",
    ),
    "needs that lead in a circle": (
        '[services.web]\nrun = "x"\nneeds = ["api"]\n[services.api]\nrun = "x"\nneeds = ["web"]\n',
        """
homeport: homeport.toml:3:10: services need each other: web -> api -> web
  3 | needs = ["api"]
    |          ^
  next: take one of these needs out
""",
    ),
    "a directory that is not there": (
        '[services.web]\nrun = "x"\ndirectory = "fronted"\n',
        """
homeport: homeport.toml:1: web has no directory …/shop/fronted
  next: directory = … is relative to the file
""",
    ),
    "no services": (
        '[project]\nname = "shop"\n',
        """
homeport: homeport.toml: it declares no services
  next: for example: [services.web] run = "…"
""",
    ),
}


EVERYDAY = {"unknown keys, all of them at once", "needs that lead in a circle"}


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(which, marks=[] if which in EVERYDAY else [pytest.mark.slow])
        for which in DECLARATIONS
    ],
)
def test_a_mistake_in_the_declaration(tmp_path: Path, which: str) -> None:
    text, expected = DECLARATIONS[which]
    with project(tmp_path, text) as made:
        assert_says(up(made, 2), expected)
        assert made.ps() == {}


def test_a_port_that_somebody_has(tmp_path: Path) -> None:
    port = leased_port()
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with spawn(argv, ready=port) as other, project(tmp_path, f"{WEB}port = {port}\n") as made:
        assert_says(
            up(made, 1),
            f"""
homeport: tcp port {port} is taken
  why: python… {other.pid} … listens on 127.0.0.1:{port}
  next: homeport kill {port} ends that; or leave the port out to get a free one
""",
        )


@pytest.mark.slow
@pytest.mark.root
def test_a_database_that_is_not_installed(tmp_path: Path) -> None:
    program = os.path.realpath(need("redis-server", package="redis-server"))
    script = f"mount --make-rprivate / && mount --bind /dev/null '{program}' && homeport up -d"
    with project(tmp_path, '[services.cache]\nrecipe = "redis"\n') as made:
        assert_says(
            said(with_own_mounts(made, script), 1),
            """
homeport: cache: there is no Redis or Valkey server
  why: neither the PATH nor the usual places have it
  next: on Debian or Ubuntu: apt install redis-server; on macOS: brew install redis
""",
        )
        assert made.ps() == {}


def test_a_command_that_is_not_installed(tmp_path: Path) -> None:
    declaration = '[services.web]\nrun = "flaskk run"\nrestart = "never"\n'
    with project(tmp_path, declaration) as made:
        assert_says(
            up(made, 1),
            """
…
web failed: ended with status 127: the shell has not found its command
  /bin/sh: 1: flaskk: not found
""",
        )


@pytest.mark.slow
def test_a_service_that_dies_at_once_is_given_up_and_says_why(tmp_path: Path) -> None:
    declaration = "[services.web]\nrun = \"echo 'No module named shop' >&2; exit 3\"\n"
    with project(tmp_path, declaration) as made:
        printed = up(made, 1)
        assert_says(
            printed,
            """
…
web restarting (5): ended with status 3
…
web failed: ended with status 3
  No module named shop
""",
        )


@pytest.mark.slow
def test_a_server_that_goes_into_the_background_has_failed(tmp_path: Path) -> None:
    declaration = """
    [services.web]
    run = "echo forked"

    [services.later]
    run = "sleep 600"
    port = false
    needs = ["web"]
    """
    with project(tmp_path, declaration) as made:
        assert_says(
            up(made, 1),
            """
…
web failed: ended, with status 0, before it was ready
  forked
…
later failed: needs web, which failed
…
""",
        )


@pytest.mark.slow
def test_a_task_that_ends_well_is_done(tmp_path: Path) -> None:
    declaration = """
    [services.setup]
    run = "echo made"
    port = false

    [services.once]
    run = "echo $PORT"
    restart = "never"
    """
    with project(tmp_path, declaration) as made:
        up(made, 0)
        assert (made.ps_of("setup"), made.ps_of("once")) == ("done", "done")


@pytest.mark.slow
def test_a_service_that_never_gets_ready_is_not_waited_for_longer_than_declared(
    tmp_path: Path,
) -> None:
    declaration = """
    [services.web]
    run = "echo begun; exec sleep 600"
    ready = { check = "http:/up", timeout = "1s" }

    [services.shop]
    run = "python3 server.py"
    needs = ["web"]
    """
    with project(tmp_path, declaration) as made:
        assert_says(
            up(made, 1),
            """
…
web failed: not ready after 1 s: nothing listens on port …
  begun
…
shop failed: needs web, which failed
…
""",
        )


def test_nothing_to_run(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        (made.root / "server.py").unlink()
        assert_says(
            up(made, 1),
            """
homeport: nothing in … says what to run
  next: write a homeport.toml, or for one command: homeport run -- COMMAND
""",
        )


@pytest.mark.slow
def test_a_second_up_in_another_terminal_shows_what_runs(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as made, made.foreground(ready="web ready") as one:
        assert_says(
            said(made.homeport("up"), 0),
            """
SERVICE  STATE  REACHED AT … PORT   PID … SINCE
shop …
web      ready  http://web.shop.localhost:…
…
They run already (supervisor …), and go on when this command ends.
homeport logs -f shows what they print, homeport stop ends them.
""",
        )
        assert one.process.poll() is None
        assert len(made.ps()) == 1


@pytest.mark.root
@pytest.mark.slow
def test_a_full_disk_is_named_and_ends_nothing_that_runs(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    script = f"""
set -u
mount --make-rprivate / && mount -t tmpfs -o size=128k tmpfs "{full}"
homeport up -d >"{tmp_path}/up"; echo "up $?"
head -c 1000000 /dev/zero >"{full}/filler" 2>/dev/null
curl -sS --max-time 20 --resolve "$HOST:127.0.0.1" "http://$HOST/x"; echo
homeport restart web >"{tmp_path}/restart"; echo "restart $?"
curl -sS --max-time 20 --resolve "$HOST:127.0.0.1" "http://$HOST/y"; echo
homeport stop >/dev/null; echo "stop $?"
# What is open there still has room of its own: a log, until its supervisor and the gateway end.
n=0; while lsof "{full}" >/dev/null 2>&1 && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1; done
rm -r "{full}/homeport"
head -c 1000000 /dev/zero >"{full}/filler" 2>/dev/null
homeport up -d; echo "up $?"
"""
    with project(tmp_path, f'{WEB}\n[services.cache]\nrecipe = "redis"\nlazy = true\n') as made:
        host = f"web.shop.localhost:{made.gateway_port}"
        done = with_own_mounts(made, script, XDG_STATE_HOME=str(full), HOST=host)
    assert_says(
        done.stdout + done.stderr,
        """
up 0
hello /x
restart 0
hello /y
stop 0
up 1
homeport: cannot …/homeport/projects/…
  why: No space left on device
  next: make room on that disk: df shows how full each is
""",
    )
