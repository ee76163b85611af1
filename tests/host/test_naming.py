"""Processes that speak of a port: by argument, by variable; not those that only connect to it."""

from __future__ import annotations

import os
import sys

import pytest

from homeport.host.naming import processes_naming
from tests.support import leased_port, spawn

SLEEPING = "import time; print('up', flush=True); time.sleep(60)"


def names(port: int, *arguments: str, env: dict[str, str] | None = None) -> bool:
    argv = [sys.executable, "-c", SLEEPING, *arguments]
    with spawn(argv, ready="up", env={**os.environ, **(env or {})}) as process:
        return process.pid in processes_naming(port)


@pytest.mark.parametrize(
    "form", ["{}", "--port={}", "-p{}", "127.0.0.1:{}", ":{}", "[::1]:{}", "listen {};"]
)
def test_an_argument(form: str) -> None:
    port = leased_port()
    assert names(port, form.format(port))


@pytest.mark.parametrize(
    "form", ["http://localhost:{}", "1{}", "{}1", "0.{}", "{}.5", "redis://:x@127.0.0.1:{}/0"]
)
def test_an_argument_that_means_something_else(form: str) -> None:
    port = leased_port()
    assert not names(port, form.format(port))


def test_the_variable_port() -> None:
    port = leased_port()
    assert names(port, env={"PORT": str(port)})
    assert not names(port, env={"XPORT": str(port), "PORT_": str(port), "PORTS": f"{port}0"})


def test_not_this_process_and_its_parents() -> None:
    port = leased_port()
    code = (
        "import sys; from homeport.host.naming import processes_naming; "
        "print('found', processes_naming(int(sys.argv[1])))"
    )
    with spawn([sys.executable, "-c", code, str(port)]) as process:
        assert process.wait_for(r"found (.*)")[1] == "()"
