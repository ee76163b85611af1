"""What `ls`, `explain` and `kill` tell of ports that Homeport itself holds, and of its gateway."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.running import RunningProject, project
from tests.schemas import validate
from tests.support import homeport_command, leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = pytest.mark.slow

SHOP = """
[services.web]
run = "exec python3 server.py"

[services.api]
run = "exec python3 server.py"
lazy = true
"""


class Up(NamedTuple):
    """A project that is up, and the ports of its services."""

    shop: RunningProject
    web: int
    api: int


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Generator[Up]:
    with project(tmp_path_factory.mktemp("home"), SHOP) as shop:
        shop.up()
        services = shop.ps()
        yield Up(shop, services["web"]["port"], services["api"]["port"])


def documented(up: Up, name: str, *args: str) -> dict[str, Any]:
    text = files("homeport.report").joinpath("schemas", f"{name}-1.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(up.shop.homeport(name, "--json", *args).stdout)
    validate(document, json.loads(text))
    return document


def explained(up: Up, what: str, cwd: Path | None = None) -> str:
    done = up.shop.homeport("explain", what, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_ls_names_the_service_of_a_listener(up: Up) -> None:
    assert "web of shop" in up.shop.homeport("ls", "--port", str(up.web)).stdout
    (listener,) = documented(up, "ls", "--port", str(up.web))["listeners"]
    assert listener["lease"]["name"] == "web"
    assert listener["lease"]["root"] == str(up.shop.root)
    others = documented(up, "ls", "--port", str(up.shop.gateway_port))["listeners"]
    assert [each["lease"] for each in others] == [None, None]


def test_explain_tells_of_the_service_and_how_to_stop_it(up: Up) -> None:
    text = explained(up, str(up.web))
    assert "It is web of shop, which homeport up (pid" in text
    assert f"reached at http://web.shop.localhost:{up.shop.gateway_port}" in text
    assert "homeport stop web" in text
    document = documented(up, "explain", str(up.web))
    assert document["service"]["state"] == "ready"
    assert document["service"]["root"] == str(up.shop.root)
    assert document["lease"]["name"] == document["service"]["name"] == "web"
    assert document["routes"] == []


def test_explain_tells_for_whom_a_port_is_held(up: Up, tmp_path: Path) -> None:
    text = explained(up, str(up.api))
    assert "It is held by a lease of api of shop; the service starts when somebody asks" in text
    assert "homeport up api" in text
    elsewhere = explained(up, f"bind: 127.0.0.1:{up.api}: Address already in use", tmp_path)
    assert "is taken: it is held by a lease of api of shop" in elsewhere
    assert f"homeport up -C {up.shop.root} api" in elsewhere


def test_explain_knows_a_lease_that_was_taken_by_hand(up: Up) -> None:
    command, _ = homeport_command()
    argv = [*command, "lease", "--name", "mine", "--", "sh", "-c", "echo port $PORT; sleep 60"]
    import os

    with spawn(
        argv, ready=r"port \d+", cwd=up.shop.root, env={**os.environ, **up.shop.env}
    ) as held:
        port = held.wait_for(r"port (\d+)")[1]
        assert "It is held by a lease of mine of shop (process" in explained(up, port)


def test_explain_knows_the_gateway_and_its_names(up: Up) -> None:
    port = up.shop.gateway_port
    text = explained(up, str(port))
    assert "It is Homeport's gateway" in text
    assert f"http://web.shop.localhost:{port} is web of shop; it is ready." in text
    assert "homeport kill" not in text
    named = explained(up, f"http://web.shop.localhost:{port}/page")
    assert f"web.shop.localhost leads to web of shop at 127.0.0.1:{up.web}" in named
    wrong = explained(up, f"http://wbe.shop.localhost:{port}")
    assert "has the name wbe.shop.localhost: did you mean web.shop.localhost?" in wrong
    document = documented(up, "explain", str(port))
    assert [(each["name"], each["hosts"][0]) for each in document["routes"]] == [
        ("web", "web.shop"),
        ("api", "api.shop"),
    ]
    assert document["service"] is None


def test_kill_says_that_the_supervisor_would_start_it_again(up: Up) -> None:
    done = up.shop.homeport("kill", "--dry-run", str(up.web))
    assert "runs it as web of shop and may start it again" in done.stdout
    assert f"homeport stop -C {up.shop.root} web" in done.stdout


def test_a_stranger_on_a_leased_port_is_not_taken_for_the_service(tmp_path: Path) -> None:
    declaration = f"[services.web]\nrun = 'sleep 600'\nport = {leased_port()}\nready = 'nothing'\n"
    source = (
        "import socket, sys, time\n"
        "made = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "print('listens', flush=True)\n"
        "time.sleep(60)\n"
    )
    with project(tmp_path, declaration) as shop:
        shop.up()
        port = shop.ps()["web"]["port"]
        with spawn(["python3", "-c", source, str(port)], ready="listens"):
            text = shop.homeport("explain", str(port)).stdout
        told = " ".join(text.split())
        assert "The port is leased to web of shop, and this is another program." in told
