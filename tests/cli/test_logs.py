"""`homeport logs`: what hostile services print, following, and what stays."""

from __future__ import annotations

import json
import os
import signal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.schemas import validate
from tests.support import homeport_command, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

HOSTILE = r"""
[services.escapes]
run = '''
printf '\033]0;title\007\033[2J\033]52;c;cHduZWQ=\007hello \033[31mred\n'
exec sleep 600'''
port = false

[services.binary]
run = "head -c 300000 /dev/urandom; echo; echo after; exec sleep 600"
port = false

[services.long]
run = "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo after; exec sleep 600"
port = false

[services.prompt]
run = "printf 'name: '; exec sleep 600"
port = false

[services.counter]
run = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done"
port = false
"""
KEPT_OF_A_LINE = 8192


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    with project(tmp_path_factory.mktemp("logs"), HOSTILE) as made:
        made.up()
        yield made


def printed(shop: RunningProject, service: str) -> str:
    return shop.homeport("logs", "-n", "99999", service).stdout


def test_nothing_that_a_service_prints_drives_the_terminal(shop: RunningProject) -> None:
    wait_until(lambda: "after" in printed(shop, "binary"))
    assert printed(shop, "escapes") == "escapes | hello red\n"
    coloured = shop.homeport("logs", "--color", "always", "escapes").stdout
    assert "hello \x1b[31mred\x1b[0m" in coloured
    for service in ("escapes", "binary"):
        told = printed(shop, service)
        left = {character for character in told if ord(character) < 32 and character not in "\n\t"}
        assert left == set()


@pytest.mark.slow
def test_a_line_without_an_end_is_cut_and_nothing_of_it_lost(shop: RunningProject) -> None:
    wait_until(lambda: "after" in printed(shop, "long"))
    lines = [line.removeprefix("long | ") for line in printed(shop, "long").splitlines()]
    assert {len(line) for line in lines[:-2]} == {KEPT_OF_A_LINE}
    assert sum(line.count("x") for line in lines) == 10_000_000


@pytest.mark.slow
def test_the_supervisor_stays_small(shop: RunningProject) -> None:
    wait_until(lambda: "after" in printed(shop, "long"))
    status = Path(f"/proc/{shop.supervisor()}/status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
    assert int(kilobytes) < 100_000


def test_a_prompt_is_shown_though_its_line_has_no_end(shop: RunningProject) -> None:
    wait_until(lambda: printed(shop, "prompt") == "prompt | name: \n")


def test_lines_are_followed_in_order_until_somebody_has_seen_enough(shop: RunningProject) -> None:
    argv = [*homeport_command()[0], "logs", "-f", "--json", "-n", "5", "counter"]
    with spawn(argv, cwd=shop.root, env={**os.environ, **shop.env}) as following:
        wait_until(lambda: following.output.count("\n") > 12)
        os.kill(following.pid, signal.SIGINT)
        assert following.process.wait(10) == 0
        told = [json.loads(line) for line in following.output.splitlines()]
    schema = json.loads(files("homeport.report").joinpath("schemas", "up-1.json").read_text())
    for each in told:
        validate(each, schema)
        assert each["service"] == "counter"
    numbers = [int(each["text"]) for each in told]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("lines", ["x", "-1", "99999999", ""])
def test_what_is_no_number_of_lines_is_refused(shop: RunningProject, lines: str) -> None:
    done = shop.homeport("logs", f"--lines={lines}")
    assert done.returncode == 2
    assert "no number of lines" in done.stderr


def test_no_lines_are_none(shop: RunningProject) -> None:
    assert shop.homeport("logs", "-n", "0").stdout == ""


@pytest.mark.slow
def test_many_short_lines_are_followed(tmp_path: Path) -> None:
    declaration = '[services.c]\nrun = "seq 1 60000; exec sleep 600"\nport = false\n'
    with project(tmp_path, declaration) as shop:
        shop.up("--json")
        argv = [*homeport_command()[0], "logs", "-f", "-n", "0"]
        with spawn(argv, cwd=shop.root, env={**os.environ, **shop.env}) as following:
            assert shop.homeport("restart", "c").returncode == 0
            following.wait_for(r"^c \| 60000$")
            assert following.process.poll() is None


@pytest.mark.slow
def test_following_ends_with_the_services(tmp_path: Path) -> None:
    declaration = '[services.one]\nrun = "echo begun; exec sleep 600"\nport = false\n'
    with project(tmp_path, declaration) as shop:
        shop.up()
        argv = [*homeport_command()[0], "logs", "-f"]
        env = {**os.environ, **shop.env}
        with spawn(argv, ready="one | begun", cwd=shop.root, env=env) as following:
            shop.homeport("stop", "--now")
            assert following.process.wait(10) == 1
            assert "the services have been stopped" in following.output
        assert shop.homeport("logs", "-f").returncode == 1
        assert shop.homeport("logs").stdout == "one | begun\n"
