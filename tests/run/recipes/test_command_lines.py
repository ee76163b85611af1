from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.run.recipes import django
from homeport.run.recipes.command_lines import executed, understood
from homeport.run.recipes.web import appended
from tests.run.recipes.web import commanded, place_of, project

if TYPE_CHECKING:
    from homeport.run.recipes.contract import Manner

NOWHERE = Path("/nonexistent")
HOST_PORT = "--host 127.0.0.1 --port 21234"
VITE = f"{HOST_PORT} --strictPort"
BIND = "--bind 127.0.0.1:21234"

PACKAGE = {
    "scripts": {
        "dev": "NODE_ENV=development vite",
        "start": "npm run dev",
        "chained": "tsc && vite",
        "both": "vite & node api.js",
        "loop": "npm run loop",
        "build": "tsc",
    }
}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("flask run", f"flask run {HOST_PORT}"),
        ("flask --app shop run --debug", f"flask --app shop run --debug {HOST_PORT}"),
        ("python -m flask run", f"python -m flask run {HOST_PORT}"),
        ("python3.12 -Xdev -u -m flask run", None),
        ("python -u -m flask run", f"python -u -m flask run {HOST_PORT}"),
        ("uv run flask run", f"uv run flask run {HOST_PORT}"),
        ("DEBUG=1 env A=b flask run", f"DEBUG=1 env A=b flask run {HOST_PORT}"),
        ("exec uvicorn app:app --port $PORT", f"exec uvicorn app:app --port $PORT {HOST_PORT}"),
        ("cd web && uvicorn app:app", f"cd web && uvicorn app:app {HOST_PORT}"),
        ("sleep 0; uvicorn app:app", f"sleep 0; uvicorn app:app {HOST_PORT}"),
        ("gunicorn app:app", f"gunicorn app:app {BIND}"),
        ("gunicorn -b 0.0.0.0:$PORT app:app", f"gunicorn {BIND} app:app"),
        ("gunicorn --bind=0.0.0.0:80 app:app", f"gunicorn {BIND} app:app"),
        ("gunicorn -b :80 app:app --bind=:81 -b :82 -w 2", f"gunicorn {BIND} app:app -w 2"),
        ("manage.py runserver -v 3", "manage.py runserver -v 3 127.0.0.1:21234"),
        ("hypercorn --bind '[::]:80' app:app", f"hypercorn {BIND} app:app"),
        ("python manage.py runserver", "python manage.py runserver 127.0.0.1:21234"),
        ("./manage.py runserver 8000", "./manage.py runserver 127.0.0.1:21234"),
        (
            "python manage.py runserver 0.0.0.0:${PORT} --noreload",
            "python manage.py runserver 127.0.0.1:21234 --noreload",
        ),
        ("manage.py runserver [::]:8000", "manage.py runserver 127.0.0.1:21234"),
        ("python -m http.server", "python -m http.server 21234 --bind 127.0.0.1"),
        ("python -m http.server ${PORT:-8000}", "python -m http.server 21234 --bind 127.0.0.1"),
        ("python -m http.server 8000", "python -m http.server 21234 --bind 127.0.0.1"),
        ("php -S 0.0.0.0:80 -t public", "php -S 127.0.0.1:21234 -t public"),
        ("next dev -p 3000", "next dev -p 3000 --hostname 127.0.0.1 --port 21234"),
        ("vite", f"vite {VITE}"),
        ("npx vite", f"npx vite {VITE}"),
        ("npm run dev", f"npm run dev -- {VITE}"),
        ("npm start", f"npm start -- -- {VITE}"),
        ("pnpm dev", f"pnpm dev {VITE}"),
        ("yarn run dev", f"yarn run dev {VITE}"),
        ("npm run chained", f"npm run chained -- {VITE}"),
        ("bundle exec puma -p $PORT", "bundle exec puma --bind tcp://127.0.0.1:21234"),
        ("npm run both", None),
        ("npm run loop", None),
        ("npm run missing", None),
        ("npm run build", None),
        ("npm dev", None),
        ("npm", None),
        ("flask shell", None),
        ("flask", None),
        ("flask run | tee log", None),
        ("flask run > log", None),
        ("flask run &", None),
        ("(flask run)", None),
        ("flask 'run", None),
        ("flask run # here", None),
        ("python manage.py migrate", None),
        ("python app.py", None),
        ("python", None),
        ("exec", None),
        ("A=1", None),
        (" ", None),
        ("true &&", None),
        ("uvicorn " + "x" * 5000, None),
    ],
)
def test_a_program_that_is_known_is_told_where_to_listen(
    tmp_path: Path, line: str, told: str | None
) -> None:
    project(tmp_path, {"package.json": json.dumps(PACKAGE)})
    known = understood(line, str(tmp_path))
    if told is None:
        assert known is None or known.manner is None
        return
    assert known is not None
    assert known.manner is not None
    place = place_of(commanded(tmp_path, line))
    assert appended(place, known.manner, f"{line}{known.separator}") == told


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("import os\nos.environ['DJANGO_SETTINGS_MODULE']", django.MANNER),
        ("from shop.cli import manager", None),
    ],
)
def test_a_manage_py_of_another_kind_is_left_alone(
    tmp_path: Path, text: str, manner: Manner | None
) -> None:
    project(tmp_path, {"manage.py": text})
    known = understood("./manage.py runserver -p $PORT", str(tmp_path))
    assert known is not None
    assert known.manner == manner


@pytest.mark.parametrize(
    ("line", "direct"),
    [
        ("gunicorn app", True),
        ("A=1 exec gunicorn app", True),
        ("python -m gunicorn app", True),
        ("uv run gunicorn app", False),
        ("npm run dev", False),
    ],
)
def test_whether_the_shell_becomes_the_program(tmp_path: Path, line: str, *, direct: bool) -> None:
    project(tmp_path, {"package.json": json.dumps(PACKAGE)})
    known = understood(line, str(tmp_path))
    assert known is not None
    assert known.direct is direct


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("gunicorn app", "exec gunicorn app"),
        ("exec gunicorn app", "exec gunicorn app"),
        ("A=1 B='x y' C=\"$D e\" gunicorn app", "A=1 B='x y' C=\"$D e\" exec gunicorn app"),
        ("cd a && A=1 gunicorn app", "cd a && A=1 exec gunicorn app"),
        ("a; b", "a; exec b"),
    ],
)
def test_the_shell_is_to_become_the_program(line: str, made: str) -> None:
    assert executed(line) == made


WORDS = ["npm", "run", "dev", "uv", "exec", "A=1", "flask", "&&", ";", "'", '"', "\\", "-b", "$X"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)))
def test_any_line_can_be_looked_at(line: str) -> None:
    known = understood(line, str(NOWHERE))
    if known is not None and known.manner is not None:
        place = place_of(commanded(NOWHERE, line))
        assert appended(place, known.manner, executed(line))


def test_a_long_line_does_not_take_long() -> None:
    for line in ("-b " * 1300, "gunicorn " + "-b " * 1300, "A=1 " * 1000, "exec " * 800):
        known = understood(line[:4096], str(NOWHERE))
        if known is not None and known.manner is not None:
            appended(place_of(commanded(NOWHERE, line)), known.manner, line[:4096])
