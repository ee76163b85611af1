from __future__ import annotations

import json
import socket
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.schemas import validate
from tests.support import leased_port, run_homeport, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = json.loads(
    files("homeport.report").joinpath("schemas", "explain-1.json").read_text("utf-8")
)


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port(port: int) -> None:
    result = run_homeport("explain", str(port))
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"port {port}\n\n")
    assert f"listens on 127.0.0.1:{port}." in result.stdout


def test_words_need_no_quotes(port: int) -> None:
    words = f"Disconnected from the target VM, address: 127.0.0.1:{port}, transport: socket".split()
    result = run_homeport("explain", *words)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"127.0.0.1:{port}: debugger disconnected\n")


def test_standard_input(port: int) -> None:
    text = f"Traceback:\n  x.py, line 3\nconnect ECONNREFUSED 127.0.0.1:{port}\n"
    result = run_homeport("explain", "-", stdin=text)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"127.0.0.1:{port}: connection refused\n")


def test_nothing_listens_is_an_explanation_too(port: int) -> None:
    result = run_homeport("explain", f"[::1]:{port}")
    assert result.returncode == 0
    assert f"Nothing listens on [::1]:{port}" in result.stdout


def test_json(port: int) -> None:
    result = run_homeport("explain", "--json", str(port))
    loaded = json.loads(result.stdout)
    validate(loaded, SCHEMA)
    assert loaded["listeners"][0]["port"] == port


@pytest.mark.parametrize("form", [("--pid", "1"), ("pid:1",)])
def test_a_pid(form: tuple[str, ...]) -> None:
    result = run_homeport("explain", *form)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("process 1\n")


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        ((), 2, "there is nothing to explain"),
        (("70000",), 2, "port 70000 does not exist"),
        (("127.0.0.1.1",), 2, "is not an IPv4 address"),
        (("127.0.0.1:http",), 2, "is not a port"),
        (("--pid", "x"), 2, "'x' is not a pid"),
        (("--pid", "1", "80"), 2, "two questions"),
        (("all", "is", "well"), 1, "holds no endpoint"),
        (("no-such-name-at-all",), 1, "nothing is called 'no-such-name-at-all' here"),
        (("pid:999999999",), 1, "there is no process 999999999"),
    ],
)
def test_what_cannot_be_explained(words: tuple[str, ...], status: int, complaint: str) -> None:
    result = run_homeport("explain", *words)
    assert result.returncode == status
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_empty_standard_input() -> None:
    result = run_homeport("explain", "-", stdin="")
    assert result.returncode == 2
    assert "there is nothing to explain" in result.stderr


def test_secrets_are_not_repeated() -> None:
    for form in ((), ("--json",)):
        text = "could not connect to postgres://ada:s3cr3t@127.0.0.1:5999/shop: connection refused"
        result = run_homeport("explain", *form, text)
        assert result.returncode == 0
        assert "s3cr3t" not in result.stdout + result.stderr


def test_narrow_and_without_unicode(port: int) -> None:
    more = {"COLUMNS": "40", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = run_homeport("explain", f"127.0.0.1:{port}", env=more)
    assert result.returncode == 0
    assert result.stdout.isascii()
    commands = [line for line in result.stdout.splitlines() if len(line) > 40]
    assert all(line.startswith("  homeport ") for line in commands)


@pytest.mark.slow
def test_with_identify_it_tells_what_is_spoken_there() -> None:
    port = leased_port()
    with spawn([sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1"], ready=port):
        shown = run_homeport("explain", "--identify", str(port)).stdout
        told = json.loads(run_homeport("explain", "-i", "--json", str(port)).stdout)
        assert run_homeport("explain", "--json", str(port)).stdout.count('"identity": null')
    assert "speaks http, Python http.server" in shown
    validate(told, SCHEMA)
    assert told["listeners"][0]["identity"]["certainty"] == "sure"


def test_a_connection_that_failed_though_somebody_listens_leads_to_check() -> None:
    with socket.create_server(("127.0.0.1", 0)) as made:
        place = f"127.0.0.1:{made.getsockname()[1]}"
        shown = run_homeport(
            "explain", f"curl: (52) Empty reply from server http://{place}/"
        ).stdout
    assert f"homeport check {place}" in shown
