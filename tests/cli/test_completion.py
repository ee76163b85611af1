from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.cli.completion import SHELLS
from homeport.cli.main import COMMANDS
from tests.running import project
from tests.support import homeport_command, need, run_homeport, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LISTEN = """
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
time.sleep(600)
"""
BASH = """
source "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_homeport
printf '%s\\n' "${COMPREPLY[@]}"
"""
SHOP = """
[services.web]
run = "./serve"

[services.worker]
run = "./work"
port = false
"""
FISH = "source $argv[1]; complete -C $argv[2]"
# zsh completes only in a shell that has a terminal, with the script where compinit looks for it.
ZSH = """
zmodload zsh/zpty
zpty -b shell zsh -f -i
await() {
  seen=
  until [[ $seen == *$1* ]]; do
    if zpty -r -t shell more; then seen+=$more; else sleep 0.01; fi
  done
}
zpty -w shell "PS1='> '; unset zle_bracketed_paste; fpath=($1 \\$fpath)"
zpty -w shell "autoload -U compinit; compinit -u -D; echo rea''dy"
await $'ready\\r'
zpty -w -n shell "$2"$'\\t\\t'
await $3
print -r -- $seen
"""


@pytest.fixture
def port() -> Generator[str]:
    with spawn([sys.executable, "-c", LISTEN], ready=r"port \d+") as child:
        yield child.wait_for(r"port (\d+)")[1]


@pytest.fixture
def environment() -> dict[str, str]:
    command, _ = homeport_command()
    path = f"{os.path.dirname(command[0])}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "TERM": "xterm"}


def script(shell: str, directory: Path) -> str:
    done = run_homeport("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    path = directory / "_homeport"
    path.write_text(done.stdout)
    return str(path)


def completed(argv: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        argv, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that declares two services, in which the shell is."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "homeport.toml").write_text(SHOP)
    monkeypatch.chdir(root)
    return root


@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_bash_completes(tmp_path: Path, environment: dict[str, str], port: str) -> None:
    bash = need("bash", package="bash")
    place = script("bash", tmp_path)

    def offered(*words: str) -> set[str]:
        return set(completed([bash, "-c", BASH, "bash", place, *words], environment).split())

    assert set(COMMANDS) <= offered("homeport", "")
    assert port in offered("homeport", "kill", "")
    assert offered("homeport", "kill", port[:-1]) >= {port}
    assert "--dry-run" in offered("homeport", "kill", "--dr")
    assert offered("homeport", "ls", "--color", "a") == {"auto", "always"}
    assert offered("homeport", "--js") == {"--json"}
    assert offered("homeport", "completion", "") == set(SHELLS)
    # A shell in a project completes its services.
    declared = {"web", "worker"}
    for command in ("up", "stop", "restart", "logs", "attach", "open", "env"):
        assert offered("homeport", command, "w") == declared, command
    assert offered("homeport", "stop", "web", "wo") == {"worker"}
    assert offered("homeport", "db", "shell", "w") == declared


@pytest.mark.usefixtures("shop")
def test_fish_completes(tmp_path: Path, environment: dict[str, str], port: str) -> None:
    fish = need("fish", package="fish")
    place = script("fish", tmp_path)
    environment["HOME"] = environment["XDG_CONFIG_HOME"] = str(tmp_path)

    def offered(line: str) -> set[str]:
        lines = completed([fish, "--no-config", "-c", FISH, place, line], environment)
        return {each.split("\t")[0] for each in lines.splitlines()}

    assert set(COMMANDS) <= offered("homeport ")
    assert port in offered("homeport kill ")
    assert "--json" in offered("homeport --js")
    assert {"web", "worker"} <= offered("homeport logs w")


@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_zsh_completes(tmp_path: Path, environment: dict[str, str], port: str) -> None:
    zsh = need("zsh", package="zsh")
    script("zsh", tmp_path)

    def offers(line: str, wanted: str) -> bool:
        argv = [zsh, "-f", "-c", ZSH, "zsh", str(tmp_path), line, wanted]
        return wanted in completed(argv, environment)

    assert offers("homeport k", "kill")
    assert offers("homeport completion ", "fish")
    assert offers(f"homeport kill {port[:-1]}", port)
    assert offers("homeport attach wor", "worker")


def test_the_ports_are_those_that_somebody_listens_on(port: str) -> None:
    ports = run_homeport("completion", "--ports").stdout.split()
    assert port in ports
    assert ports == sorted(set(ports), key=int)


def test_services_are_those_that_run_and_those_that_are_declared(
    shop: Path, tmp_path: Path
) -> None:
    def offered(cwd: Path) -> tuple[int, list[str], str]:
        done = run_homeport("completion", "--services", cwd=cwd)
        return done.returncode, done.stdout.split(), done.stderr

    assert offered(shop) == (0, ["web", "worker"], "")
    (shop / "homeport.toml").write_text("[services.web\n")
    assert offered(shop) == (0, [], "")
    assert offered(tmp_path) == (0, [], "")


@pytest.mark.slow
def test_a_service_that_runs_and_is_declared_no_more_is_offered(tmp_path: Path) -> None:
    with project(
        tmp_path, SHOP.replace("./serve", "sleep 600").replace("./work", "sleep 600")
    ) as up:
        assert up.homeport("up", "-d", "worker").returncode == 0
        up.write("homeport.toml", "[services.api]\nrun = 'sleep 600'\nport = false\n")
        assert up.homeport("completion", "--services").stdout.split() == ["api", "web", "worker"]
