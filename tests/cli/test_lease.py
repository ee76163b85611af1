"""`homeport lease`, as a whole process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from homeport.model.lease import LEASED
from tests.schemas import validate
from tests.support import homeport_command, leased_port, run_homeport, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "lease-1.json").read_text("utf-8"))
TELLS = "import os; print(*(os.environ[name] for name in ('PORT', 'HOST', 'HOMEPORT_URL')))"
SERVES = """
import os, socket, time
server = socket.create_server((os.environ["HOST"], int(os.environ["PORT"])))
print("port", os.environ["PORT"], flush=True)
time.sleep(600)
"""
WITHOUT_REUSE = SERVES.replace("socket.create_server(", "socket.socket(); server.bind(")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "run").mkdir()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "Procfile").touch()
    program = homeport_command()[0][0]
    return {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOMEPORT": program, "COLUMNS": "300"}


def listed(env: dict[str, str]) -> list[dict[str, Any]]:
    done = run_homeport("lease", "--list", "--json", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    validate(found, SCHEMA)
    leases: list[dict[str, Any]] = found["leases"]
    return leases


def command(*words: str) -> list[str]:
    return [*homeport_command()[0], "lease", *words]


def test_the_program_finds_its_port(env: dict[str, str]) -> None:
    done = run_homeport("lease", "--", sys.executable, "-c", TELLS, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    port, host, url = done.stdout.split()
    assert int(port) in LEASED
    assert (host, url) == ("127.0.0.1", f"http://127.0.0.1:{port}")


def test_the_port_stands_in_its_arguments_and_all_others_are_its_own(env: dict[str, str]) -> None:
    port = str(leased_port())
    words = ["--port", port, "--", "echo", "--name", "{port}", "http://x:{port}/", "--", "-h"]
    done = run_homeport("lease", *words, env=env)
    assert done.stdout == f"--name {port} http://x:{port}/ -- -h\n"


def test_its_exit_status_is_the_programs(env: dict[str, str]) -> None:
    assert run_homeport("lease", "--", "sh", "-c", "exit 7", env=env).returncode == 7


def test_a_broken_pipe_ends_the_program_as_usual(env: dict[str, str]) -> None:
    # Python ignores SIGPIPE; `yes` must not inherit that.
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(command())} -- yes | head -1"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("y\n", "")


def test_the_lease_lives_as_long_as_the_program(env: dict[str, str], tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    argv = command("--name", "web", "--", sys.executable, "-c", SERVES)
    with spawn(argv, cwd=shop, env={**os.environ, **env}) as server:
        port = int(server.wait_for(r"port (\d+)")[1])
        row = {"transport": "tcp", "port": port, "name": "web", "root": str(shop)}
        assert listed(env) == [{**row, "pid": server.pid}]
        text = run_homeport("lease", "--list", env=env).stdout
        assert text.split("\n")[1].split() == [str(port), "web", str(server.pid), str(shop)]
        os.kill(server.pid, signal.SIGKILL)
        server.process.wait()
    assert listed(env) == []
    assert run_homeport("lease", "--list", env=env).stdout == "no port is leased\n"


@pytest.mark.parametrize("words", [["--let-go"], ["--udp", "--let-go"], ["--udp"]])
def test_a_server_without_reuse_gets_the_port_let_go(words: list[str], env: dict[str, str]) -> None:
    code = WITHOUT_REUSE
    if "--udp" in words:
        code = code.replace("socket.socket()", "socket.socket(type=socket.SOCK_DGRAM)")
    argv = command(*words, "--", sys.executable, "-c", code)
    with spawn(argv, env={**os.environ, **env}, ready=r"port \d+"):
        assert len(listed(env)) == 1


def test_without_that_it_is_refused(env: dict[str, str]) -> None:
    done = run_homeport("lease", "--", sys.executable, "-c", WITHOUT_REUSE, env=env)
    assert "Address already in use" in done.stderr


def script(lines: Sequence[str], env: dict[str, str], shell: str = "sh") -> list[str]:
    done = subprocess.run(
        [shell, "-c", "\n".join(lines)],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_printed_port_is_kept_until_the_shell_ends(shell: str, env: dict[str, str]) -> None:
    said = script(
        [
            "web=$($HOMEPORT lease --print web)",
            "again=$($HOMEPORT lease --print web | cat)",
            "other=$($HOMEPORT lease --print)",
            "echo $web $again $other",
            "$HOMEPORT lease --list --json",
        ],
        env,
        shell,
    )
    web, again, other = said[0].split()
    assert web == again != other
    kept = json.loads(said[1])["leases"]
    assert {str(each["port"]): each["name"] for each in kept} == {web: "web", other: None}
    assert all(each["pid"] for each in kept)
    wait_until(lambda: listed(env) == [], what="the end of the keepers")


def test_or_until_another_process_ends(env: dict[str, str]) -> None:
    with spawn(["sleep", "600"]) as sleeping:
        words = ("--print", "--json", "--for", str(sleeping.pid))
        done = run_homeport("lease", *words, env=env)
        printed = json.loads(done.stdout)
        validate(printed, SCHEMA)
        assert listed(env) == printed["leases"]
    wait_until(lambda: listed(env) == [], what="the end of the keeper")


def test_a_port_that_is_taken_says_by_whom(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", leased_port())) as server:
        port = server.getsockname()[1]
        done = run_homeport("lease", "--port", str(port), "--", "true", env=env)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines()[0] == f"homeport: tcp port {port} is taken"
        assert f" {os.getpid()} of the project " in done.stderr
        assert f"homeport kill {port}" in done.stderr


def test_stealing_ends_who_listens_and_nobody_else(env: dict[str, str]) -> None:
    port = str(leased_port())
    argv = command("--port", port, "--", sys.executable, "-c", SERVES)
    with spawn(argv, env={**os.environ, **env}, ready=r"port \d+") as server:
        refused = run_homeport("lease", "--port", port, "--", "echo", "no", env=env)
        assert (refused.returncode, refused.stdout) == (1, "")
        done = run_homeport("lease", "--port", port, "--steal", "--", "echo", "{port}", env=env)
        assert (done.returncode, done.stdout) == (0, f"{port}\n")
        assert f" {server.pid}: ended\n" in done.stderr
        server.process.wait(10)


def test_stealing_does_not_end_what_kill_would_not(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", leased_port())) as server:
        port = str(server.getsockname()[1])
        done = run_homeport("lease", "--port", port, "--steal", "--", "echo", env=env)
        assert (done.returncode, done.stdout) == (1, "")
        assert "never ended from here" in done.stderr


def test_a_lease_that_nobody_listens_on_is_not_stolen(env: dict[str, str]) -> None:
    port = str(leased_port())
    argv = command("--port", port, "--", sys.executable, "-c", f"{TELLS}; input()")
    with subprocess.Popen(
        argv, env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.read(1)
        done = run_homeport("lease", "--port", port, "--steal", "--", "echo", env=env)
        assert (done.returncode, done.stdout) == (1, "")
        assert "has leased it" in done.stderr
        holder.communicate(b"\n")


def test_a_range_that_is_used_up(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", leased_port())) as server:
        port = server.getsockname()[1]
        done = run_homeport("lease", "--range", str(port), "--", "true", env=env)
        assert done.returncode == 1
        assert f"every tcp port of {port} is taken" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no program to run"),
        (["--port", "70000", "--", "true"], "does not exist"),
        (["--port", "0", "--", "true"], "cannot be leased"),
        (["--range", "9-1", "--", "true"], "no range"),
        (["--range", "1-2,4-5", "--", "true"], "more than one range"),
        (["--steal", "--", "true"], "--steal is for --port"),
        (["--for", "1", "--", "true"], "--for is for --print"),
        (["--print", "--for", "x"], "no process"),
        (["--print", "a", "b"], "one name"),
        (["--json", "--", "true"], "--json is for"),
        (["--name", "", "--", "true"], "no name"),
        (["--no-such"], "no option"),
    ],
)
def test_wrong_usage(words: list[str], told: str, env: dict[str, str]) -> None:
    done = run_homeport("lease", *words, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize("program", ["no-such-program", "/etc/passwd", "/etc/passwd/x"])
def test_a_program_that_cannot_be_run(program: str, env: dict[str, str]) -> None:
    done = run_homeport("lease", "--", program, env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert program in done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_that_is_not_there(env: dict[str, str]) -> None:
    done = run_homeport("lease", "--print", "--for", "4194303", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no process 4194303" in done.stderr
