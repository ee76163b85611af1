from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from homeport.run.recipes import found_in
from tests.run.recipes.web import Running, declared, found_service, project, running

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Generator[Running]:
    outside = tmp_path / "outside.txt"
    outside.write_text("outside", encoding="ascii")
    files = {"index.html": "<p>home", "a/page.html": "a page", ".env": "KEY=1", ".git/HEAD": "x"}
    files |= {
        ".well-known/security.txt": "known",
        "a/.hidden/x": "x",
        "homeport/__init__.py": "1/0",
    }
    directory = project(tmp_path / "site", files)
    (directory / "out").symlink_to(outside)
    (directory / "in").symlink_to(directory / "a")
    with running(found_service(directory)) as started:
        yield started


def test_it_serves_files_on_loopback_only(site: Running) -> None:
    assert site.place.service.recipe == "static"
    assert "<p>home" in site.get().text
    assert site.get("/a/page.html").text == "a page"
    assert site.get("/in/page.html").text == "a page"
    assert site.get("/.well-known/security.txt").text == "known"
    assert site.get().headers["Cache-Control"] == "no-cache"
    listening = {(each.endpoint.address, each.endpoint.port) for each in site.listeners()}
    assert listening == {("127.0.0.1", site.place.port)}


@pytest.mark.parametrize(
    "path",
    ["/.env", "/%2eenv", "/.git/HEAD", "/a/.hidden/x", "/out", "/a/", "/a", "/%2e%2e/outside.txt"],
)
def test_nothing_hidden_listed_or_outside_is_served(site: Running, path: str) -> None:
    answer = site.get(path)
    if answer.status == 301:
        answer = site.get(answer.headers["Location"])
    assert answer.status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:80", 200),
        ("web.shop.localhost:62893", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evillocalhost", 421),
        ("127.0.0.1.evil.example", 421),
    ],
)
def test_it_answers_only_to_names_of_this_machine(site: Running, host: str, status: int) -> None:
    assert site.get(host=host).status == status


def test_an_odd_request_is_refused_and_the_next_one_served(site: Running) -> None:
    for line in (
        b"GET\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", site.place.port), timeout=5) as client:
            client.sendall(line)
            client.shutdown(socket.SHUT_WR)
            assert b" 200 " not in client.recv(200)
    assert site.get().status == 200


def test_documents_may_lie_deeper(tmp_path: Path) -> None:
    project(tmp_path, {"public/index.html": "deeper"})
    assert found_service(tmp_path).options == (("documents", "public"),)
    with running(declared(tmp_path, "static", documents="public")) as started:
        assert started.get().text == "deeper"


def test_static_files_are_found_last(tmp_path: Path) -> None:
    project(tmp_path, {"index.html": "", "app.py": "from flask import Flask\napp = Flask('x')\n"})
    assert [service.recipe for service in found_in(str(tmp_path))] == ["flask"]
