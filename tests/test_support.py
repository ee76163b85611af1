"""The helpers that other tests stand on, and the rule about skips."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import (
    NOBODY,
    ROOT,
    as_user,
    has_ended,
    need,
    network_namespace,
    run_homeport,
    spawn,
    wait_until,
)

LISTEN = """
import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
print("listening on", s.getsockname()[1], flush=True)
time.sleep(600)
"""


def test_a_missing_program_skips_and_names_its_package() -> None:
    with pytest.raises(pytest.skip.Exception, match="install the Debian package no-such-package"):
        need("no-such-program", package="no-such-package")


def test_waiting_in_vain_fails_and_says_for_what() -> None:
    with pytest.raises(pytest.fail.Exception, match="for a miracle"):
        wait_until(lambda: False, seconds=0.01, what="a miracle")


def test_a_spawned_process_is_ready_and_then_gone() -> None:
    with spawn([sys.executable, "-c", LISTEN], ready=r"listening on \d+$") as server:
        port = int(server.output.split()[-1])
        server.wait_for_listener(port)
        assert Path(f"/proc/{server.pid}").exists()
    assert not Path(f"/proc/{server.pid}").exists()


def test_a_spawned_process_goes_with_its_children_when_the_test_fails() -> None:
    script = f"{sys.executable} -c '{LISTEN}' & echo child $!; wait"
    child = 0
    with (
        pytest.raises(ZeroDivisionError),
        spawn(["sh", "-c", script], ready=r"child \d+\n(.|\n)*listening") as shell,
    ):
        child = int(shell.output.split()[1])
        raise ZeroDivisionError
    wait_until(lambda: has_ended(child), what="the end of the child")


def test_a_process_that_ends_early_is_shown() -> None:
    with (
        pytest.raises(AssertionError, match="no such luck"),
        spawn([sys.executable, "-c", "print('no such luck')"], ready="never"),
    ):
        pass


@pytest.mark.root
def test_a_namespace_has_its_own_loopback_and_is_removed() -> None:
    with pytest.raises(ZeroDivisionError), network_namespace() as namespace:
        assert "LOOPBACK,UP" in namespace.run("ip", "link", "show", "lo").stdout
        raise ZeroDivisionError
    assert not Path(f"/run/netns/{namespace.name}").exists()


@pytest.mark.root
def test_a_program_runs_as_somebody_else() -> None:
    assert as_user(NOBODY, ["id", "-u"]).stdout == "65534\n"


@pytest.mark.root
def test_the_command_runs_as_somebody_else() -> None:
    assert run_homeport("--version", user=NOBODY).stdout.startswith("homeport ")


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_a_skip_fails_in_ci_and_only_there(tmp_path: Path, ci: str, status: int) -> None:
    test = tmp_path / "test_skip.py"
    test.write_text("import pytest\n\ndef test():\n    pytest.skip('no time')\n")
    (tmp_path / "conftest.py").symlink_to(ROOT / "tests" / "conftest.py")
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    argv += ["-o", f"pythonpath={ROOT}"]  # where what the suite's conftest imports lies
    env = {**os.environ, "CI": ci}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout
    assert "no time" in done.stdout or not ci
