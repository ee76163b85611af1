from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from homeport.report.plain import FIELDS
from tests.schemas import validate
from tests.support import (
    NOBODY,
    Spawned,
    as_user,
    homeport_command,
    need,
    network_namespace,
    run_homeport,
    spawn,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "ls-1.json").read_text("utf-8"))

SERVER = """
import socket, sys, time
def everywhere():
    tcp4 = socket.create_server(("127.0.0.1", 0))
    port = tcp4.getsockname()[1]
    tcp6 = socket.create_server(("::1", port), family=socket.AF_INET6)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))
    return port, tcp4, tcp6, udp
for attempt in range(20):
    try:
        port, tcp4, tcp6, udp = everywhere()
        break
    except OSError:  # somebody else has the port on one of them
        continue
unix = socket.socket(socket.AF_UNIX)
unix.bind(f"\\0homeport-test-{port}")
unix.listen()
client = socket.create_connection(("127.0.0.1", port))
served, _ = tcp4.accept()
print("port", port, flush=True)
time.sleep(600)
"""


class Shop:
    """A project with a running server: its directory, the server, and the server's port."""

    def __init__(self, root: Path, server: Spawned) -> None:
        self.root = root
        self.name = root.name
        self.server = server
        self.port = server.wait_for(r"port (\d+)")[1]


@pytest.fixture
def shop(tmp_path: Path) -> Generator[Shop]:
    root = tmp_path / "home" / f"shop-{os.getpid()}"
    (root / "api").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/feature/cart\n")
    (root / "api" / "server.py").write_text(SERVER)
    with spawn([sys.executable, "server.py"], cwd=root / "api") as server:
        yield Shop(root, server)


def shown(*words: str, **options: Any) -> list[str]:
    # pytest-xdist sets COLUMNS for its workers.
    done = run_homeport(*words, env={"COLUMNS": ""}, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_server_of_mine_is_found_first_with_its_project(shop: Shop) -> None:
    lines = shown("--pid", str(shop.server.pid), "--tcp")
    assert lines[1] == "Your projects"
    endpoint, what, owner, project, port_class, reach, _ = re.split(r"  +", lines[2])
    assert endpoint == f"localhost:{shop.port}"
    assert what == "python server.py"
    assert owner.endswith(f" {shop.server.pid}")
    assert project == f"{shop.name} (feature/cart)"
    assert port_class in {"user", "dynamic"}
    assert reach == "this machine"


def test_each_transport_is_shown_when_it_is_named(shop: Shop) -> None:
    def transports(*words: str) -> set[str]:
        lines = shown("--plain", "--pid", str(shop.server.pid), *words)
        return {line.split("\t")[0] for line in lines}

    assert transports() == {"tcp", "udp"}
    assert transports("--tcp") == {"tcp"}
    assert transports("--udp") == {"udp"}
    assert transports("--unix") == {"unix"}
    assert transports("-t", "-u", "-x") == {"tcp", "udp", "unix"}


@pytest.mark.parametrize("named", ["{shop.name}", ".", "./api", "{shop.root}"])
def test_a_project_is_named_or_pointed_at(shop: Shop, named: str) -> None:
    lines = shown("--plain", "--project", named.format(shop=shop), cwd=shop.root)
    assert {line.split("\t")[3] for line in lines} == {shop.port}


def test_filters_narrow_down(shop: Shop) -> None:
    port, pid = shop.port, str(shop.server.pid)
    base = int(port)
    assert shown("--plain", "--port", f"1,{base - 1}-{base + 1}", "--pid", pid)
    assert shown("--plain", "--pid", f"1,{pid}")
    assert shown("--plain", "--pid", pid, "--scope", "loopback", "--user", "me")
    assert shown("--plain", "--pid", pid, "--user", str(os.getuid()))
    assert shown("--plain", "--pid", pid, "--scope", "wildcard") == []
    assert shown("--pid", pid, "--scope", "wildcard")[0] == "Nothing that matches is listening."


def test_a_uid_without_a_name_is_a_user(shop: Shop) -> None:
    assert shown("--user", "987654")[0] == "Nothing that matches is listening."


def test_connections_come_with_all(shop: Shop) -> None:
    lines = [line.split("\t") for line in shown("--plain", "--all", "-t", "--port", shop.port)]
    established = [line for line in lines if line[1] == "ESTABLISHED"]
    assert len(established) == 2
    assert {line[3] for line in established} | {line[5] for line in established} > {shop.port}
    assert {line[9] for line in established} == {str(shop.server.pid)}
    assert all(len(line) == len(FIELDS) for line in lines)
    table = shown("--all", "--pid", str(shop.server.pid))
    assert "Connections" in table


def test_who_talks_to_whom(shop: Shop) -> None:
    lines = shown("--graph", "--pid", str(shop.server.pid), "--tcp")
    assert lines[0].endswith(f" {shop.server.pid}, {shop.name} (feature/cart)")
    assert f"1 → 127.0.0.1:{shop.port}" in lines[1]
    assert shown("--graph", "--port", "1")[0].startswith("No connection")


def test_the_tree_leads_from_the_first_process_to_the_listener(shop: Shop) -> None:
    lines = shown("--tree", "--pid", str(shop.server.pid), "--tcp")
    if "" in lines:  # below it stands what could not be seen
        lines = lines[: lines.index("")]
    pids = [int(match[1]) for line in lines if (match := re.search(r" (\d+)(  |$)", line))]
    assert pids[0] == 1
    assert pids[-1] == shop.server.pid
    assert os.getpid() in pids
    assert f"localhost:{shop.port}" in lines[-1]


def test_json_is_as_its_schema_says(shop: Shop) -> None:
    lines = shown("--json", "--all", "-t", "-u", "-x", "--pid", str(shop.server.pid))
    document = json.loads("\n".join(lines))
    validate(document, SCHEMA)
    assert {each["address"] for each in document["listeners"]} == {"127.0.0.1", "::1"}
    assert len(document["listeners"]) == 3
    assert len(document["connections"]) == 2
    assert [each["path"] for each in document["unix_listeners"]] == [f"@homeport-test-{shop.port}"]
    owner = document["listeners"][0]["owners"][0]
    assert owner["pid"] == shop.server.pid
    assert owner["cwd"] == str(shop.root / "api")
    assert owner["argv"][1] == "server.py"
    assert owner["project"]["branch"] == "feature/cart"
    assert os.getpid() in [each["pid"] for each in owner["ancestry"]]


def test_the_whole_machine_is_as_the_schema_says(shop: Shop) -> None:
    document = json.loads("\n".join(shown("--json", "--all", "-t", "-u", "-x")))
    assert len(document["connections"]) > 0
    # A machine under load has more of them than can be held against a schema in a minute.
    for name in ("listeners", "connections", "unix_listeners"):
        document[name] = document[name][:300]
    validate(document, SCHEMA)


def test_plain_lines_suit_awk(shop: Shop) -> None:
    awk = need("awk", package="mawk")
    command, _ = homeport_command()
    program = f'$4 == {shop.port} && $1 == "tcp" {{ print $3, $10, $13 }}'
    done = subprocess.run(
        ["sh", "-c", '"$1" --plain | "$2" "$3"', "sh", *command, awk, program],
        capture_output=True,
        text=True,
        check=True,
    )
    pid = shop.server.pid
    assert done.stdout.splitlines() == [f"127.0.0.1 {pid} {shop.name}", f"::1 {pid} {shop.name}"]


EVIL = """
import ctypes, socket, sys, time
ctypes.CDLL(None).prctl(15, b"ev\\x1b[31m\\xff\\n", 0, 0, 0)
s = socket.create_server(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
time.sleep(600)
"""


def test_a_process_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path) + b"/\x1b]0;owned\x07\xe2\x80\xae\xff"
    os.mkdir(root)
    with open(root + b"/Cargo.toml", "wb"):
        pass
    argv = [sys.executable, "-c", EVIL, "\x1b[2J\n\u202e"]
    with spawn(argv, cwd=os.fsdecode(root), ready=r"port \d+") as server:
        for form in ([], ["--tree"], ["--plain"], ["--all"]):
            lines = shown(*form, "--pid", str(server.pid))
            assert any(str(server.pid) in line for line in lines)
            assert all(line.replace("\t", "").isprintable() for line in lines)
        document = json.loads("\n".join(shown("--json", "--pid", str(server.pid))))
        validate(document, SCHEMA)
        owner = document["listeners"][0]["owners"][0]
        assert owner["name"] == "ev\x1b[31m\\xff\n"
        assert owner["cwd"].endswith("\x07\u202e\\xff")


@pytest.mark.root
def test_what_is_hidden_is_said_with_what_would_show_it(shop: Shop) -> None:
    lines = shown("--port", shop.port, "--tcp", user=NOBODY)
    row = next(line for line in lines if shop.port in line)
    assert "hidden (root)" in row or " ?" in row
    told = lines[lines.index("") :]
    assert re.search(r"hidden from this user\. To see: sudo homeport|inferred", "\n".join(told))


@pytest.mark.root
def test_an_ordinary_user_sees_his_own() -> None:
    program = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print('port', "
    program += "s.getsockname()[1], flush=True); time.sleep(600)"
    python = as_user(NOBODY, ["sh", "-c", "command -v python3"]).stdout.strip()
    if not python:
        pytest.skip("needs python3 for everybody: install the Debian package python3")
    with spawn([python, "-c", program], user=NOBODY) as server:
        port = server.wait_for(r"port (\d+)")[1]
        (line,) = shown("--plain", "--port", port, user=NOBODY)
        assert line.split("\t")[8:10] == ["seen", str(server.pid)]


@pytest.mark.root
def test_another_namespace_is_named() -> None:
    with network_namespace() as lab:
        argv = lab.command(sys.executable, "-c", SERVER)
        with spawn(argv, ready=r"port \d+") as server:
            lines = shown("--pid", str(server.pid), "--tcp")
            port = server.wait_for(r"port (\d+)")[1]
            assert "NAMESPACE" in lines[0]
            row = next(line for line in lines if port in line)
            assert lab.name in row
            assert "its namespace" in row
            document = json.loads("\n".join(shown("--json", "--pid", str(server.pid))))
            assert {each["netns_name"] for each in document["listeners"]} == {lab.name}


def test_nothing_is_listening_in_an_empty_machine() -> None:
    with network_namespace() as lab, socket.socket():
        done = run_homeport("--scope", "multicast", namespace=lab)
        assert done.stdout.startswith("Nothing that matches is listening.\n")
        assert done.returncode == 0
