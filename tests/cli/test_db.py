"""`homeport db` with real databases."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.support import homeport_command, need, wait_until
from tests.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

DECLARATION = """
[services.db]
recipe = "postgresql"

[services.cache]
recipe = "redis"

[services.worker]
run = "exec sleep 600"
port = false
needs = ["db", "cache"]
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    need("redis-server", package="redis-server")
    with project(tmp_path_factory.mktemp("db"), DECLARATION) as made:
        made.up(timeout=120)
        yield made


def sql(shop: RunningProject, text: str) -> str:
    done = shop.homeport("db", "shell", "db", stdin=text)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_dump_is_restored_after_a_reset(shop: RunningProject) -> None:
    sql(shop, "create table fruit (name text); insert into fruit values ('fig'), ('quince');")
    dumped = shop.homeport("db", "dump", "db")
    assert dumped.returncode == 0, dumped.stderr
    assert "quince" in dumped.stdout
    assert shop.homeport("db", "reset", "db", "--yes").returncode == 0
    assert "quince" not in sql(shop, "select tablename from pg_tables where schemaname = 'public';")
    restored = shop.homeport("db", "restore", "db", stdin=dumped.stdout)
    assert restored.returncode == 0, restored.stderr
    assert "quince" in sql(shop, "select * from fruit;")
    assert shop.ps()["db"]["state"] == "ready"


@pytest.mark.parametrize("service", ["db", "cache"])
def test_a_dump_that_is_cut_off_is_no_success(shop: RunningProject, service: str) -> None:
    command = shlex.join([*homeport_command()[0], "db", "dump", service])
    argv = ["sh", "-c", f"{command} > /dev/full"]
    done = subprocess.run(
        argv, cwd=shop.root, env=shop.env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "what was written is cut off" in done.stderr
    assert "df shows how full" in done.stderr
    argv = ["sh", "-c", f"{command} | true"]
    ended = subprocess.run(
        argv, cwd=shop.root, env=shop.env, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stderr == ""


def test_the_options_stand_where_people_put_them(shop: RunningProject) -> None:
    for words in (["-C", ".", "dump", "cache"], ["dump", "-C", ".", "cache"], ["dump", "cache"]):
        done = shop.homeport("db", *words)
        assert done.returncode == 0, done.stderr
        assert "dump is whole" in done.stdout
    assert shop.homeport("db", "reset", "--yes", "cache").returncode == 0
    refused = shop.homeport("db", "dump", "cache", "-C", ".", "db")
    assert refused.returncode == 2
    assert "no argument 'db'" in refused.stderr


def test_a_reset_asks_at_a_terminal_and_nowhere_else(shop: RunningProject) -> None:
    refused = shop.homeport("db", "reset", "cache")
    assert refused.returncode == 2
    assert "homeport db reset" in refused.stderr
    set_key = shop.homeport("db", "shell", "cache", stdin="set fruit fig\n")
    assert "OK" in set_key.stdout, set_key.stderr
    argv = [*homeport_command()[0], "db", "reset", "cache"]
    for answer, status, left in (("n", 1, "fig"), ("y", 0, "")):
        with terminal(argv, cwd=shop.root, env=shop.env) as screen:
            screen.sees("All data of cache will be gone")
            screen.press(f"{answer}\r")
            assert screen.ends() == status
        got = shop.homeport("db", "shell", "cache", stdin="get fruit\n").stdout
        assert got.strip() == left


def test_ctrl_c_at_a_shell_is_the_shells(shop: RunningProject) -> None:
    argv = [*homeport_command()[0], "db", "shell", "db"]
    with terminal(argv, cwd=shop.root, env={**shop.env, "PAGER": "cat"}) as screen:
        screen.sees("=[>#] ")
        screen.press("select pg_sleep(600);\r")
        asked = "select 'sl' || 'eeps' from pg_stat_activity where query like '%pg_sleep(600)%';"
        wait_until(lambda: sql(shop, asked).count("sleeps") == 2, seconds=30)
        screen.press("\x03")
        screen.sees("cancel")
        screen.press("select 6 * 7 as answer;\r")
        screen.sees(r"\n +42")
        screen.press("\\q\r")
        assert screen.ends() == 0


def test_which_database_is_asked_where_there_are_several(shop: RunningProject) -> None:
    done = shop.homeport("db", "dump")
    assert done.returncode == 2
    assert "name one of them: db, cache" in done.stderr
    worker = shop.homeport("db", "dump", "worker")
    assert worker.returncode == 2
    assert "no database" in worker.stderr
    assert shop.homeport("db", "dump", "nobody").returncode == 2


def test_others_have_what_they_need_to_reach_them(shop: RunningProject) -> None:
    printed = shop.homeport("env").stdout
    assert "DATABASE_URL=" in printed
    assert "REDIS_URL=" in printed
    # As a shell reads it.
    line = 'eval "$(cat)"; python3 -c "import os; print(os.environ[\'DATABASE_URL\'])"'
    read = subprocess.run(
        ["sh", "-c", line],
        input=printed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout.startswith("postgresql://")
    assert shop.homeport("exec", "--", "sh", "-c", "exit 9").returncode == 9
    own = shop.homeport("exec", "-s", "worker", "--", "printenv", "DATABASE_URL")
    assert own.stdout.strip() == read.stdout.strip()


def test_passwords_are_nowhere_but_in_the_environment(shop: RunningProject) -> None:
    url = shop.homeport("exec", "--", "printenv", "DATABASE_URL").stdout.strip()
    password = url.partition("://")[2].rpartition("@")[0].rpartition(":")[2]
    assert len(password) > 20
    for words in (("ps",), ("ps", "--json"), ("logs",), ("up", "-n")):
        assert password not in shop.homeport(*words).stdout
    assert password not in shop.complaints()
