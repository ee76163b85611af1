"""Odd places to run in: a proc file system that hides, is partial or another's, a missing home."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from tests.support import NOBODY, has_ended, homeport_command, need, spawn


def in_mounts(script: str, *, unshare: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """What a shell script gives that may mount and call `homeport` and `nobodys_homeport`."""
    own, _ = homeport_command()
    argv, more = homeport_command(NOBODY)
    drop = need("setpriv", package="util-linux")
    variables = [f"{name}={value}" for name, value in more.items()]
    become = [drop, "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i"]
    functions = (
        f'homeport() {{ {shlex.join(own)} "$@"; }}\n'
        f'nobodys_homeport() {{ {shlex.join([*become, *variables, *argv])} "$@"; }}\n'
    )
    return subprocess.run(
        [
            need("unshare", package="util-linux"),
            "--mount",
            *unshare,
            "sh",
            "-ec",
            functions + script,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.root
@pytest.mark.parametrize("level", [1, 2, 4])
def test_processes_that_proc_hides_are_hidden_and_no_error(level: int) -> None:
    script = f"mount -t proc -o hidepid={level} proc /proc; nobodys_homeport ls"
    done = in_mounts(script)
    assert (done.returncode, done.stderr) == (0, "")


SERVER = """
import socket, time
held = socket.create_server(("127.0.0.1", 0))
print("port", held.getsockname()[1], flush=True)
time.sleep(600)
"""


@pytest.mark.root
def test_nobody_is_ended_by_a_pid_of_another_namespace() -> None:
    with spawn([sys.executable, "-c", SERVER], ready=r"port \d+") as server:
        port = server.output.split()[1]
        done = in_mounts(f"homeport kill --yes {port}", unshare=("--pid", "--fork"))
        assert done.returncode == 1
        assert "another pid namespace" in done.stderr
        assert "ended" not in done.stdout.replace("this ends", "")
        assert not has_ended(server.pid)


@pytest.mark.root
@pytest.mark.parametrize(
    "proc", ["mount -t proc -o subset=pid proc /proc", "mount -t tmpfs tmpfs /proc"]
)
@pytest.mark.parametrize("words", ["ls", "explain 5432", "history", "watch --record -q --for 0"])
def test_a_proc_that_tells_little_is_no_error(proc: str, words: str) -> None:
    state = "export XDG_STATE_HOME=$(mktemp -d)"
    done = in_mounts(f"{state}; {proc}; homeport {words} || [ $? = 1 ]; rm -r $XDG_STATE_HOME")
    assert done.returncode == 0
    assert "homeport:" not in done.stderr


@pytest.mark.root
def test_what_was_remembered_is_not_used_where_the_boot_is_not_told() -> None:
    script = """
from homeport.host.owners import SocketHint, cache, find_owners
cache.keep({}, changed=True)
cache.forget()
assert find_owners({1: SocketHint(0)}, strategy="cache").strategy == "full"
"""
    python = shlex.join([sys.executable, "-c", script])
    done = in_mounts(f"mount -t proc -o subset=pid proc /proc; {python}")
    assert done.returncode == 0, done.stderr
