"""Servers for Node.js, whose code asks for every address in each of the ways that there are."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import BadInput
from homeport.run.recipes.node_packages import node_environment
from tests.run.recipes.web import (
    commanded,
    declared,
    found_service,
    launched,
    place_of,
    project,
    running,
)
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("own_programs")

SERVER = """
const http = require("node:http");
const server = http.createServer((request, response) => response.end("hello from node"));
server.listen(%s);
"""
PORT = "process.env.PORT"
EVERY_WAY = {
    "port": PORT,
    "port as a number": f"+{PORT}",
    "host": f'{PORT}, "0.0.0.0"',
    "host and callback": f'+{PORT}, "::", () => console.log("called")',
    "backlog": f'{PORT}, "0.0.0.0", 7, () => console.log("called")',
    "backlog without host": f"{PORT}, 7",
    "options": f'{{ port: {PORT}, host: "::", ipv6Only: false }}',
    "options without host": f"{{ port: {PORT} }}",
    "localhost": f'{PORT}, "localhost"',
    "undefined host": f"{PORT}, undefined",
}


EVERYDAY = {"port", "host and callback", "options"}


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=[] if way in EVERYDAY else [pytest.mark.slow]) for way in EVERY_WAY],
)
def test_whatever_address_the_code_names_it_is_loopback(way: str, tmp_path: Path) -> None:
    source = SERVER % EVERY_WAY[way]
    package = json.dumps({"name": "shop", "main": "server.js"})
    project(tmp_path, {"package.json": package, "server.js": source})
    service = found_service(tmp_path)
    assert dict(service.options) == {"file": "server.js"}
    with running(service) as started:
        assert started.get().text == "hello from node"
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port)}
        assert "callback" not in way or "called" in started.spawned.output


ALONE = """
const net = require("node:net"), fs = require("node:fs");
const told = {};
const listen = (name, ...args) => new Promise((resolve) => {
  const server = net.createServer();
  server.on("error", (error) => { told[name] = error.code; resolve(); });
  server.listen(...args, () => {
    told[name] = server.address(); server.close(); resolve();
  });
});
(async () => {
  await listen("nothing");
  await listen("path", process.argv[2] + "/socket");
  await listen("options with a path", { path: process.argv[2] + "/other" });
  await listen("other loopback", 0, "127.0.0.2");
  await listen("ipv6 loopback", 0, "::1");
  await listen("a word", "word");
  await listen("own address", { port: 0, host: "192.0.2.1" });
  await listen("null port", null, "0.0.0.0");
  try { net.createServer().listen(99999); } catch (error) { told["wrong port"] = error.code; }
  try { net.createServer().listen({}); } catch (error) { told["no port"] = error.code; }
  fs.unlink("word", () => {});
  console.log(JSON.stringify(told));
})();
"""


def test_what_is_no_address_of_tcp_stays_as_it_is(tmp_path: Path) -> None:
    script = project(tmp_path, {"alone.js": ALONE}) / "alone.js"
    env = {**os.environ, **dict(node_environment(place_of(declared(tmp_path, "node"))))}
    argv = [need("node", package="nodejs"), str(script), str(tmp_path)]
    done = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, check=True, timeout=60)
    told = json.loads(done.stdout)
    assert told["nothing"]["address"] == "127.0.0.1"
    assert told["path"] == f"{tmp_path}/socket"
    assert told["options with a path"] == f"{tmp_path}/other"
    assert told["other loopback"]["address"] == "127.0.0.2"
    assert told["ipv6 loopback"]["address"] == "::1"
    assert told["a word"] == "word"
    assert told["own address"]["address"] == "127.0.0.1"
    assert told["null port"]["address"] == "127.0.0.1"
    assert told["wrong port"] == "ERR_SOCKET_BAD_PORT"
    assert told["no port"] == "ERR_INVALID_ARG_VALUE"


CLUSTER = """
import cluster from "node:cluster";
import http from "node:http";
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); }
else http.createServer((_, response) => response.end("hello from a worker"))
  .listen(process.env.PORT, "0.0.0.0");
"""


@pytest.mark.slow
def test_workers_of_a_cluster_and_modules_are_kept_on_loopback(tmp_path: Path) -> None:
    files = {"package.json": json.dumps({"scripts": {"start": "node server.mjs"}})}
    project(tmp_path, {**files, "server.mjs": CLUSTER})
    service = found_service(tmp_path)
    assert dict(service.options) == {"script": "start"}
    with running(service) as started:
        assert started.get().text == "hello from a worker"
        assert {each.endpoint.address for each in started.listeners()} == {"127.0.0.1"}


def test_other_options_of_node_stay(tmp_path: Path) -> None:
    service = commanded(tmp_path, "node x.js", NODE_OPTIONS="--enable-source-maps")
    options = dict(launched(service).env)["NODE_OPTIONS"]
    assert re.fullmatch(r"--enable-source-maps --require=\S+/loopback\.cjs", options)


def test_a_path_with_a_space_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from homeport.run.recipes import node_packages

    odd = tmp_path / 'a "b" c'
    odd.mkdir()
    (odd / "loopback.cjs").write_text('console.log("loaded")', encoding="ascii")
    monkeypatch.setattr(node_packages, "_LOOPBACK", str(odd / "loopback.cjs"))
    env = {**os.environ, **dict(node_environment(place_of(declared(tmp_path, "node"))))}
    argv = [need("node", package="nodejs"), "-e", "0"]
    done = subprocess.run(argv, env=env, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"loaded\n"


def test_what_to_run_has_to_be_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="what node is to run is not said"):
        launched(declared(tmp_path, "node"))


@pytest.mark.parametrize(
    "package",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"main": "../server.js"}',
        '{"main": "/etc/passwd"}',
        '{"main": 1}',
        '{"scripts": []}',
        '{"dependencies": {"vite": 1}}',
    ],
)
def test_a_package_that_serves_nothing_is_no_service(tmp_path: Path, package: str) -> None:
    project(tmp_path, {"package.json": package, "index.js": "module.exports = 1"})
    from homeport.run.recipes import found_in

    assert found_in(str(tmp_path)) == ()
