"""The pytest plugin, in test runs of its own."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.running import processes_with
from tests.support import leased_port, need, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["pytester"]

PROJECT = """
[project]
name = "shop"

[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
"""
REDIS = """
import socket

def ask(redis, *words):
    password = redis.env["REDIS_PASSWORD"]
    with socket.create_connection((redis.address, redis.port)) as client:
        for line in (("AUTH", password), words):
            client.sendall((" ".join(line) + "\\r\\n").encode())
            answer = client.recv(1000).decode().strip()
        return answer
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Generator[pytest.Pytester]:
    """A test run with directories of its own; nothing of it is left."""
    base = pytester.path / "xdg"
    base.mkdir()
    for name in ("RUNTIME_DIR", "STATE_HOME", "CACHE_HOME"):
        (base / name).mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}", str(base / name))
    monkeypatch.setenv("HOMEPORT_PORT", str(leased_port()))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makefile(".toml", pyproject=PROJECT)
    yield pytester
    runtime = f"XDG_RUNTIME_DIR={base / 'RUNTIME_DIR'}"
    for pid in processes_with(runtime):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not processes_with(runtime), what="the end of what was started")


def passed(run: pytest.Pytester, *args: str, **outcomes: int) -> pytest.RunResult:
    done = run.runpytest_subprocess("-p", "no:cacheprovider", *args, timeout=120)
    done.assert_outcomes(**outcomes)
    return done


def test_a_leased_port_is_held_for_the_test(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import socket

        def test_two_ports(lease):
            one, other = lease(), lease()
            assert one.port != other.port
            with socket.create_server((one.address, one.port)):
                pass

        def test_the_same_name_has_the_same_port(lease):
            first = lease("web")
            first.release()
            assert lease("web").port == first.port
    """)
    passed(run, passed=2)


@pytest.mark.slow
def test_a_service_is_started_once_and_reset_for_a_function(run: pytest.Pytester) -> None:
    need("redis-server", package="redis-server")
    run.makepyfile(
        REDIS
        + """
def test_it_answers(service):
    redis = service("redis")
    assert redis.url.startswith("redis://")
    assert ask(redis, "SET", "cart", "full") == "+OK"

def test_it_is_the_same_for_the_session(service):
    assert ask(service("redis"), "GET", "cart").endswith("full")

def test_a_function_finds_nothing(service):
    redis = service("redis", scope="function")
    assert ask(redis, "GET", "cart") == "$-1"
    ask(redis, "SET", "cart", "mine")

def test_and_leaves_nothing(service):
    assert ask(service("redis"), "GET", "cart") == "$-1"
"""
    )
    passed(run, passed=4)


@pytest.mark.slow
def test_each_worker_has_its_own(run: pytest.Pytester) -> None:
    need("redis-server", package="redis-server")
    run.makepyfile(
        REDIS
        + """
import os, pytest

@pytest.mark.parametrize("number", range(8))
def test_nobody_else_writes_here(service, number):
    redis, me = service("redis"), os.environ["PYTEST_XDIST_WORKER"]
    assert ask(redis, "SETNX", "owner", me) in {":0", ":1"}
    assert ask(redis, "GET", "owner").endswith(me)
"""
    )
    passed(run, "-n", "2", passed=8)


@pytest.mark.slow
def test_a_failing_test_shows_what_the_service_printed(run: pytest.Pytester) -> None:
    need("redis-server", package="redis-server")
    run.makepyfile("""
        def test_fails(service):
            service("redis")
            assert False
    """)
    done = passed(run, failed=1)
    done.stdout.fnmatch_lines(["*homeport redis*", "*Ready to accept connections*"])


@pytest.mark.slow
def test_a_service_that_cannot_start_says_why(run: pytest.Pytester) -> None:
    run.makefile(
        ".toml",
        homeport="[services.web]\nrun = 'echo no settings; exit 3'\nrestart = 'never'\n",
    )
    run.makepyfile("def test_web(service): service('web')")
    done = passed(run, failed=1)
    done.stdout.fnmatch_lines(["*web ended with status 3*no settings*"])


@pytest.mark.slow
def test_the_services_of_the_project_are_reached_by_name(run: pytest.Pytester) -> None:
    run.makefile(
        ".toml",
        homeport="[services.web]\nrun = 'python3 -m http.server --bind 127.0.0.1 $PORT'\n",
    )
    run.makepyfile("""
        import urllib.request

        def test_web(gateway, service):
            url = gateway.url("web")
            assert url.startswith("http://web.")
            host, port = url.removeprefix("http://").split(":")
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host})
            assert urllib.request.urlopen(asked).status == 200
    """)
    passed(run, passed=1)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["asyncio", "anyio"])
def test_tests_may_be_async(run: pytest.Pytester, library: str) -> None:
    need("redis-server", package="redis-server")
    mark = {"asyncio": "@pytest.mark.asyncio", "anyio": "@pytest.mark.anyio"}[library]
    run.makepyfile(f"""
        import asyncio, pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        {mark}
        async def test_redis(service, lease):
            redis = service("redis")
            async with lease() as held:
                assert held.port != redis.port
            _, writer = await asyncio.open_connection(redis.address, redis.port)
            writer.close()
            await writer.wait_closed()
    """)
    passed(run, passed=1)


@pytest.mark.slow
def test_nothing_is_left_of_a_test_run_that_is_killed(run: pytest.Pytester) -> None:
    need("redis-server", package="redis-server")
    run.makepyfile("""
        import os, signal

        def test_dies(service):
            service("redis")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = run.runpytest_subprocess("-p", "no:cacheprovider", timeout=120)
    assert done.ret == -signal.SIGKILL
    runtime = f"XDG_RUNTIME_DIR={os.environ['XDG_RUNTIME_DIR']}"
    wait_until(lambda: not processes_with(runtime), seconds=30, what="the end of the service")


@pytest.mark.slow
def test_a_service_may_be_called_as_its_container_image(run: pytest.Pytester) -> None:
    need("postgres", package="postgresql")
    run.makepyfile("""
        def test_postgres(service):
            database = service("postgres")
            assert database.url.startswith("postgresql://")
            assert database.env["DATABASE_URL"] == database.url
    """)
    passed(run, passed=1)
