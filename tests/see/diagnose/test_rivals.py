"""Who was meant to listen on a port, by the command line."""

from __future__ import annotations

import pytest

from homeport.model.process import Ancestor, Process
from homeport.see.diagnose.rivals import are_strangers, came_later, serves


@pytest.mark.parametrize(
    "line",
    [
        "node server.js --port 8000",
        "vite --port=8000",
        "uvicorn app:app -p 8000",
        "gunicorn -b 127.0.0.1:8000 app",
        "python manage.py runserver localhost:8000",
        "python -m http.server 8000",
        "server :8000",
        "server 0.0.0.0:8000",
    ],
)
def test_these_were_to_listen(line: str) -> None:
    assert serves(Process(1, 1, name=line.split(maxsplit=1)[0], argv=tuple(line.split())), 8000)


@pytest.mark.parametrize(
    "line",
    [
        "curl localhost 8000",
        "sleep 8000",
        "proxy --upstream localhost:8000",
        "wait-for localhost:8000",
        "head -c 8000",
        "trainer --steps 8000",
        "server --port 8001",
        "server",
    ],
)
def test_these_were_not(line: str) -> None:
    assert not serves(Process(1, 1, name=line.split(maxsplit=1)[0], argv=tuple(line.split())), 8000)


def test_children_and_neighbours_are_no_strangers() -> None:
    owner = Process(10, 5, cwd="/a", ancestry=(Ancestor(9, "sh", ()),))
    assert are_strangers(Process(11, 6, cwd="/b"), [owner])
    assert not are_strangers(Process(11, 6, cwd="/a"), [owner])
    assert not are_strangers(Process(9, 4, cwd="/b"), [owner])
    assert not are_strangers(Process(11, 6, cwd="/b", ancestry=(Ancestor(10, "x", ()),)), [owner])
    assert not are_strangers(Process(11, 6), [owner])


def test_who_comes_later_gets_no_port() -> None:
    assert came_later(Process(2, 6), [Process(1, 5)])
    assert not came_later(Process(2, 4), [Process(1, 5)])
