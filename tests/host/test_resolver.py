"""Names as the C library resolves them, in namespaces with files of their own."""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from homeport.host.resolver import TIMEOUT_S, resolve
from tests.faults.servers import files_of
from tests.support import network_namespace

if TYPE_CHECKING:
    from pathlib import Path

ASK = """
import json, sys
from homeport.host.resolver import resolve
print(json.dumps([resolve(name, 80)._asdict() for name in sys.argv[1:]]))
"""


def test_an_address_of_this_machine() -> None:
    found = resolve("localhost", 80)
    assert "127.0.0.1" in found.addresses
    assert (found.error, found.code) == (None, None)


def test_an_odd_name_is_an_error() -> None:
    for name in ("a" * 300, "a..b", "\udc80", "x\0y", "é" * 70, ""):
        assert isinstance(resolve(name, 80).addresses, tuple)


def test_files_of_a_client(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hosts").write_text("10.0.0.9 LocalHost\n", encoding="ascii")
    (tmp_path / "etc" / "nsswitch.conf").write_text("hosts: files myhostname\n", encoding="ascii")
    found = resolve("localhost", 80, root=f"{tmp_path}/")
    assert (found.in_hosts, found.sources) == (("10.0.0.9",), ("files", "myhostname"))
    nowhere = resolve("localhost", 80, root=f"{tmp_path}/nowhere/")
    assert (nowhere.in_hosts, nowhere.sources) == ((), ())


def asked(hosts: str, *names: str, resolv: str = "") -> list[dict[str, object]]:
    with network_namespace() as namespace:
        files = {"hosts": hosts, "nsswitch__conf": "hosts: files dns\n", "resolv__conf": resolv}
        with files_of(namespace, **files):
            return list(json.loads(namespace.run(sys.executable, "-c", ASK, *names).stdout))


@pytest.mark.root
def test_hosts_of_a_namespace() -> None:
    hosts = "127.0.0.1 localhost\n::1 localhost\n10.1.2.3 shop shop.local\n"
    shop, local, nobody = asked(hosts, "shop.local", "localhost", "nobody")
    assert (shop["addresses"], shop["in_hosts"]) == (["10.1.2.3"], ["10.1.2.3"])
    assert shop["sources"] == ["files", "dns"]
    assert set(local["addresses"]) == {"127.0.0.1", "::1"}  # type: ignore[call-overload]
    assert nobody["addresses"] == []
    assert nobody["error"]
    assert nobody["code"] in (socket.EAI_NONAME, socket.EAI_AGAIN)


@pytest.mark.root
@pytest.mark.slow
def test_a_server_that_never_answers_is_waited_for_only_so_long() -> None:
    silent = "nameserver 127.0.0.53\noptions timeout:20 attempts:1\n"
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    code += "s.bind(('127.0.0.53', 53)); " + ASK.replace("\n", "; ").strip("; ")
    with network_namespace() as namespace:
        files = {"hosts": "", "nsswitch__conf": "hosts: dns\n", "resolv__conf": silent}
        with files_of(namespace, **files):
            began = time.monotonic()
            done = namespace.run(sys.executable, "-c", code, "nobody.example")
            took = time.monotonic() - began
    (found,) = json.loads(done.stdout)
    assert found["error"] == f"no answer within {TIMEOUT_S:g} s"
    assert found["code"] == socket.EAI_AGAIN
    assert took < TIMEOUT_S + 3
