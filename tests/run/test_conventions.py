"""Procfiles and .env files as others write them: what honcho's processes see, ours see too.

The same directory is run by both, and each process writes down what it was given.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.running import project
from tests.support import leased_port, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.running import RunningProject

pytestmark = pytest.mark.slow

SEE = """\
import http.server, json, os, pathlib, signal, sys, threading
name = sys.argv[1]
seen = {"argv": sys.argv[2:], "cwd": os.getcwd(), "env": dict(os.environ)}
port = os.environ.get("PORT")
for word in sys.argv:
    if word.startswith("--listen="):
        place, handler = ("127.0.0.1", int(word[9:])), http.server.BaseHTTPRequestHandler
        server = http.server.ThreadingHTTPServer(place, handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
draft = pathlib.Path(os.environ["SEEN"], f".{name}")
draft.write_text(json.dumps(seen))
draft.rename(draft.with_name(name))
signal.pause()
"""

OF_HONCHO = {"HONCHO_PROCESS_NAME", "PYTHONUNBUFFERED"}

OF_OURS = {
    *("HOST", "NODE_OPTIONS", "BROWSER", "PYTHONUNBUFFERED"),
    *("HOMEPORT_PROJECT", "HOMEPORT_SERVICE", "HOMEPORT_URL"),
}
"""What comes on top of PORT."""

OF_THE_SHELL = {"_", "SHLVL", "PWD", "OLDPWD"}


class Seen(NamedTuple):
    """What a process was given; its port is told apart, as it has to differ."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    port: str


def read(path: Path) -> Seen:
    told = json.loads(path.read_text())
    env = {name: value for name, value in told["env"].items() if name not in OF_THE_SHELL}
    port = env.pop("PORT")
    argv = [word.replace(port, "PORT") for word in told["argv"]]
    return Seen(argv, told["cwd"], env, port)


def seen_in(place: Path, names: tuple[str, ...]) -> dict[str, Seen]:
    wait_until(lambda: all((place / name).exists() for name in names), seconds=30, what=str(names))
    return {name: read(place / name) for name in names}


def honcho_shows(made: RunningProject, place: Path, names: tuple[str, ...]) -> dict[str, Seen]:
    place.mkdir()
    argv = [sys.executable, "-m", "honcho", "start", "-p", str(leased_port())]
    env = {**os.environ, **made.env, "SEEN": str(place)}
    with spawn(argv, cwd=made.root, env=env):
        return seen_in(place, names)


def ours_shows(made: RunningProject, place: Path, names: tuple[str, ...]) -> dict[str, Seen]:
    place.mkdir()
    made.env["SEEN"] = str(place)
    made.up(timeout=20)
    try:
        return seen_in(place, names)
    finally:
        made.homeport("stop")


def both(
    tmp_path: Path, files: Mapping[str, str], names: tuple[str, ...]
) -> tuple[dict[str, Seen], dict[str, Seen]]:
    """What honcho's processes of a directory see, and ours."""
    with project(tmp_path, files={"see.py": SEE, **files}) as made:
        # The directory that honcho has in its PATH has python3, too.
        made.env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        honchos = honcho_shows(made, tmp_path / "honcho", names)
        return honchos, ours_shows(made, tmp_path / "ours", names)


def without(env: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in {*names, "SEEN"}}


PROCFILES = {
    "a hosted application": r"""
web: python3 see.py web --listen=$PORT --log-file -
worker: python3 see.py worker --queues high,default
release: python3 see.py release migrate --noinput
""",
    "names": """
web-api: python3 see.py web-api --listen=$PORT
mail_out: python3 see.py mail_out
Clock: python3 see.py Clock
w2:python3 see.py w2
tabbed:\tpython3 see.py tabbed
""",
    "the port, as shells expand it": r"""
web: python3 see.py web --listen=${PORT:-3000} '$PORT'
api: python3 see.py api "--listen=${PORT}" "http://localhost:$PORT/"
next: python3 see.py next --listen=$PORT $(echo $PORT)
""",
    "the shell's own words": r"""
web: cd sub && exec python3 ../see.py web --listen=$PORT
one: FOO='a b' BAR=$FOO python3 see.py one "$HOME" a\ b 'c  d'
two: env FOO=bar python3 see.py two *.none | cat
three: (python3 see.py three; true) 2>&1
four: test -f see.py && python3 see.py four `echo x` # a comment
""",
    "comments and odd lines": """
# what runs

#old: python3 see.py old
not a process
   \t
web: python3 see.py web --listen=$PORT   \t
""",
    "lines of another system": (
        "web: python3 see.py web --listen=$PORT\r\nworker: python3 see.py worker a\r\n"
    ),
}


@pytest.mark.parametrize("which", PROCFILES)
def test_processes_see_what_honcho_shows_them(tmp_path: Path, which: str) -> None:
    text = PROCFILES[which]
    names = tuple(re.findall(r"^([\w-]+):", text, re.MULTILINE))
    files = {"Procfile": text, ".env": "A=1\nFOO=file\n", "sub/file": ""}
    honchos, ours = both(tmp_path, files, names)
    for name in names:
        assert ours[name].argv == honchos[name].argv, name
        assert ours[name].cwd == honchos[name].cwd, name
        expected = without(honchos[name].env, OF_HONCHO)
        assert without(ours[name].env, OF_OURS) == expected, name
    assert len({each.port for each in ours.values()}) == len(names)


AGREED = r"""
# a comment
PLAIN=1
EMPTY_QUOTED=""
DOUBLE="two words"
SINGLE='one $PLAIN "x"'
AFTER=value # a comment
LATER="with # in it"
URL=postgres://me:secret@localhost/shop
LINES="one\ntwo"
EQUALS=a=b=c
SPACED = about
QUOTE="say \"hi\""
UMLAUT="Grüße"
TWICE=1
TWICE=2
lower=case
HOME="/of/the/file"
"""

DIFFERENT = r"""
export EXPORTED=yes
BLANK=
WORDS=two words
ANCHOR=http://localhost/#top
BASE=/srv
BELOW=${BASE}/shop
"""
"""What honcho's reader of a line, made for shells, reads as nobody means it, or not at all."""


def test_env_files_are_read_as_honcho_reads_them(tmp_path: Path) -> None:
    files = {"Procfile": "web: python3 see.py web --listen=$PORT\n", ".env": AGREED}
    honchos, ours = both(tmp_path, files, ("web",))
    assert without(ours["web"].env, OF_OURS) == without(honchos["web"].env, OF_HONCHO)
    assert ours["web"].env["HOME"] == "/of/the/file"
    assert ours["web"].env["LINES"] == "one\ntwo"


def test_env_files_are_read_as_they_are_meant_where_honcho_does_not(tmp_path: Path) -> None:
    files = {"Procfile": "web: python3 see.py web --listen=$PORT\n", ".env": DIFFERENT}
    honchos, ours = both(tmp_path, files, ("web",))
    names = ("EXPORTED", "BLANK", "WORDS", "ANCHOR", "BELOW")
    assert [ours["web"].env.get(name) for name in names] == [
        "yes",
        "",
        "two words",
        "http://localhost/#top",
        "/srv/shop",
    ]
    # As soon as honcho reads one of them so, it belongs above.
    assert not any(honchos["web"].env.get(name) == ours["web"].env[name] for name in names)


def test_a_port_in_the_env_file_is_heeded_by_honcho_alone(tmp_path: Path) -> None:
    port = str(leased_port())
    files = {"Procfile": "web: python3 see.py web --listen=$PORT\n", ".env": f"PORT={port}\n"}
    honchos, ours = both(tmp_path, files, ("web",))
    assert honchos["web"].port == port
    assert ours["web"].port != port


APPLICATION = """\
import json, os
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    seen = {"env": dict(os.environ), "cwd": os.getcwd(), "name": environ["SERVER_PORT"]}
    return [json.dumps(seen).encode()]
"""


def test_gunicorn_is_told_its_port_and_keeps_to_this_machine(tmp_path: Path) -> None:
    procfile = "web: gunicorn app:app --bind 0.0.0.0:$PORT --workers 1\n"
    files = {"Procfile": procfile, "app.py": APPLICATION, ".env": "STAGE=here\n"}
    with project(tmp_path, files=files) as made:
        made.env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        made.up()
        seen = json.loads(made.get("web.shop"))
        assert seen["env"]["STAGE"] == "here"
        assert seen["cwd"] == str(made.root)
        assert seen["env"]["PORT"] == str(made.ps()["web"]["port"])
        listens = made.homeport("ls", "--json", "--port", seen["env"]["PORT"]).stdout
        assert "127.0.0.1" in listens
        assert '"0.0.0.0"' not in listens


def test_what_has_ended_well_ends_nothing_else(tmp_path: Path) -> None:
    procfile = "web: python3 server.py $PORT\nrelease: echo migrated\n"
    with project(tmp_path, files={"Procfile": procfile}) as made:
        made.up()
        wait_until(lambda: made.ps_of("release") == "done", what="the end of release")
        assert "migrated" in made.homeport("logs", "release").stdout
        assert made.ps()["release"]["restarts"] == 0
        assert made.get("web.shop") == "hello /"


def test_one_process_alone_and_a_command_with_the_same_variables(tmp_path: Path) -> None:
    procfile = "web: python3 server.py $PORT\nworker: sleep 600\n"
    with project(tmp_path, files={"Procfile": procfile, ".env": "STAGE=here\n"}) as made:
        made.up("worker")
        assert made.ps_of("worker") == "ready"
        assert made.ps_of("web") in {None, "stopped"}
        done = made.homeport("exec", "-s", "worker", "--", "sh", "-c", "echo $STAGE")
        assert done.stdout == "here\n"
