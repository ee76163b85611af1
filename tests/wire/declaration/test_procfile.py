"""Procfiles in the manners of many projects."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.mistake import BadDeclaration
from homeport.model.service import CheckKind, Service
from homeport.wire.declaration.procfile import processes, services


def read(text: str) -> tuple[Service, ...]:
    return services(textwrap.dedent(text).encode(), "Procfile", "/work/shop")[0]


def ports(text: str) -> list[tuple[str, object]]:
    return [
        (each.name, each.port or ("leased" if each.has_port else "none")) for each in read(text)
    ]


RAILS = """
    web: bin/rails server -p $PORT
    css: yarn build:css --watch
    js: yarn build --watch
    jobs: bundle exec sidekiq -C config/sidekiq.yml
    """
RAILS_FIXED = """
    web: env RUBY_DEBUG_OPEN=true bin/rails server -p 3000
    css: bin/rails tailwindcss:watch
    """
HEROKU = """
    # How it is run in production, too
    release: python manage.py migrate

    web:gunicorn shop.wsgi --bind 0.0.0.0:${PORT:-5000} --workers 3
    worker-high:  celery -A shop worker -Q high
    beat: celery -A shop beat
    flower: celery -A shop flower --port=$PORT
    """
NODE = """
    client: cd client && npm start
    server: cd server && PORT=4000 node index.js
    docs: python3 -m http.server -d site ${PORT}
    """
GO = "web: ./bin/shop -addr=:$PORT\r\nproxy: ./bin/proxy http://localhost:9000\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RAILS, [("web", "leased"), ("css", "none"), ("js", "none"), ("jobs", "none")]),
        (RAILS_FIXED, [("web", 3000), ("css", "none")]),
        (HEROKU, [("release", "none"), ("web", "leased"), ("worker-high", "none"),
                  ("beat", "none"), ("flower", "leased")]),
        (NODE, [("client", "none"), ("server", 4000), ("docs", "leased")]),
        (GO, [("web", "leased"), ("proxy", "none")]),
        ("web: ./serve", [("web", "leased")]),
        ("web: PORT=5001 ./serve --port 5002", [("web", 5001)]),
        ("web: puma -b 'ssl://0.0.0.0:3001'", [("web", 3001)]),
        ("api: serve $PORTAL", [("api", "none")]),
        ("", []),
    ],
)  # fmt: skip
def test_who_listens_where(text: str, expected: list[tuple[str, object]]) -> None:
    assert ports(text) == expected


def test_a_service() -> None:
    web, css, *_ = read(RAILS)
    assert web == Service(
        name="web",
        directory="/work/shop",
        source="Procfile:2",
        run="bin/rails server -p $PORT",
    )
    assert css.ready is not None
    assert css.ready.kind is CheckKind.NOTHING


def test_commands_stay_as_they_are() -> None:
    text = """a: FOO="x y" sh -c 'echo $FOO: "#"' # a comment of the shell's\n"""
    assert read(text)[0].run == """FOO="x y" sh -c 'echo $FOO: "#"' # a comment of the shell's"""


def test_other_lines_are_told() -> None:
    _, notes = services(b"web: x\n\n# c: d\njust words\n: x\n", "Procfile.dev", "/")
    assert notes == (
        "Procfile.dev:4 is left out: it is not of the form `name: command`",
        "Procfile.dev:5 is left out: it is not of the form `name: command`",
    )


def test_names_stand_there_once() -> None:
    with pytest.raises(BadDeclaration) as caught:
        read("web: x\na_b: y\nweb: z\na-b: y\n")
    assert [(each.place, each.what, each.text) for each in caught.value.mistakes] == [
        ("Procfile:3:1", "web has the same host name as line 1: web", "web: z"),
        ("Procfile:4:1", "a-b has the same host name as line 2: a-b", "a-b: y"),
    ]


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        found, _ = services(data, "Procfile", "/")
    except BadDeclaration:
        return
    assert len(found) == len(processes(data))


@given(text=st.text("web: -p$PORT{}\n#=08", max_size=60))
def test_any_text(text: str) -> None:
    assert all(each.command for each in processes(text.encode()))
