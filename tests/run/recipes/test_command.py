"""Command lines that others wrote, most of which ask for every address or for another port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import BadInput
from homeport.model.service import CheckKind, Hold, Service
from tests.run.recipes.test_python_web import FLASK, MANAGE, SETTINGS, STARLETTE, URLS, WSGI
from tests.run.recipes.web import commanded, launched, project, running
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("own_programs")

BARE = """
import http.server, os, socketserver
class Server(socketserver.TCPServer):
    allow_reuse_address = False
place = (os.environ["HOST"], int(os.environ["PORT"]))
with Server(place, http.server.SimpleHTTPRequestHandler) as s:
    s.serve_forever()
"""
NODE = """
require("http").createServer((_, r) => r.end("hello from node")).listen(process.env.PORT, "::");
"""
FILES = {
    "app.py": FLASK,
    "asgi.py": STARLETTE,
    "wsgi.py": WSGI,
    "bare.py": BARE,
    "server.js": NODE,
    "manage.py": MANAGE,
    "shop/settings.py": SETTINGS,
    "shop/urls.py": URLS,
    "gunicorn.conf.py": 'bind = "0.0.0.0:8000"\n',
    "index.html": "hello from files",
    "index.php": "<?php echo 'hello from', ' php';",
    "Makefile": "serve:\n\tuvicorn asgi:application --port $(PORT)\n",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "says", "hold"),
    [
        ("flask --app app run --host 0.0.0.0 --port 8000", "flask", Hold.KEPT),
        ("python -m flask --app app run", "flask", Hold.KEPT),
        ("uvicorn asgi:application --host 0.0.0.0 --port 8000", "starlette", Hold.KEPT),
        ("gunicorn wsgi", "wsgi", Hold.HANDED),
        ("X=1 gunicorn -b 0.0.0.0:8000 -b [::]:$PORT wsgi", "wsgi", Hold.HANDED),
        ("cd . && exec gunicorn wsgi", "wsgi", Hold.HANDED),
        ("hypercorn --bind 0.0.0.0:8000 -b [::]:8001 asgi:application", "starlette", Hold.KEPT),
        ("python manage.py runserver 0.0.0.0:8000 -v 2", "django", Hold.KEPT),
        ("python -m http.server 8000 --bind 0.0.0.0", "files", Hold.KEPT),
        ("node server.js", "node", Hold.KEPT),
        ("node server.js | cat", "node", Hold.LET_GO),
        ("python bare.py", "files", Hold.LET_GO),
        ("make serve", "starlette", Hold.LET_GO),
        ("php -S 0.0.0.0:8000 -t .", "php", Hold.KEPT),
    ],
)
def test_it_serves_on_its_port_of_loopback_only(
    tmp_path: Path, line: str, says: str, hold: Hold
) -> None:
    for program in {"php", "make"} & {line.split(maxsplit=1)[0]}:
        need(program, package={"php": "php-cli"}.get(program, program))
    project(tmp_path, FILES)
    with running(commanded(tmp_path, line)) as started:
        assert started.launch.hold is hold
        assert f"hello from {says}" in started.get().text
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port)}


def test_a_worker_is_told_no_port(tmp_path: Path) -> None:
    worker = Service("worker", str(tmp_path), "Procfile:2", run="rq worker", has_port=False)
    launch = launched(worker)
    assert launch.argv == ("/bin/sh", "-c", "rq worker")
    assert launch.ready.kind is CheckKind.NOTHING
    assert launch.env == (("PYTHONUNBUFFERED", "1"),)
    assert not launch.exports


def test_others_are_told_where_it_is(tmp_path: Path) -> None:
    launch = launched(commanded(tmp_path, "./serve")._replace(name="my-api"))
    url = "http://127.0.0.1:21234"
    assert launch.exports == (("MY_API_URL", url),)
    assert dict(launch.facts) == {"url": url, "host": "127.0.0.1", "port": "21234"}
    assert {"PORT": "21234", "HOST": "127.0.0.1"}.items() <= dict(launch.env).items()
    assert launch.scheme == "http"


def test_nothing_to_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="web has nothing to run"):
        launched(commanded(tmp_path, ""))
