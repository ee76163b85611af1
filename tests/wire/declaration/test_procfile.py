"""Procfiles in the manners of many projects."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.model.mistake import BadDeclaration
from homeport.model.service import Check, CheckKind, Service
from homeport.wire.declaration.foreman_options import Options, count, options
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


def test_who_listens_on_a_port_that_several_lines_name() -> None:
    text = "jobs: PORT=3000 work\nweb: PORT=3000 serve\napi: PORT=4000 a\nmore: PORT=4000 b\n"
    assert ports(text) == [("jobs", "none"), ("web", 3000), ("api", 4000), ("more", "none")]
    assert read(text)[0].ready == Check(CheckKind.NOTHING)


def test_lines_begin_where_they_begin() -> None:
    data = b"web: a\r\n  api: b\n\tjobs: c\rlast: d \xe2\x80\xa8 e"
    assert [each.command for each in processes(data)] == ["a", "d \u2028 e"]
    _, notes = services(data, "Procfile", "/")
    assert [note.partition(" ")[0] for note in notes] == ["Procfile:2", "Procfile:3"]


def test_a_formation_leaves_processes_out() -> None:
    formation = options(b'port: 3000\nformation: "all=1, reset = 0,web=3"\n').formation
    found, notes = services(b"web: a\nreset: b\njobs: c\n", "Procfile", "/", formation)
    assert [each.name for each in found] == ["web", "jobs"]
    assert notes == (
        ".foreman leaves out reset",
        "web runs once, though .foreman says 3 times",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Options()),
        ("# nothing\n", Options()),
        ("port: 3000\nconcurrency: web=1\n", Options()),
        ("procfile: Procfile.dev\nenv: a.env,b.env\n", Options("Procfile.dev", ("a.env", "b.env"))),
        ("formation: web=1,jobs=0", Options(formation=(("web", 1), ("jobs", 0)))),
    ],
)
def test_the_options_of_foreman(text: str, expected: Options) -> None:
    assert options(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("procfile: [a]", "procfile is no text"),
        ("formation: web", "formation is 'web'"),
        ("formation: web=-1", "formation is 'web=-1'"),
        ("- a", "no options"),
        ("a: [", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_options_that_say_nothing_to_foreman_either(text: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        options(text.encode())


def test_how_many_of_each() -> None:
    assert count(None, "web") == 1
    assert count((("web", 2),), "web") == 2
    assert count((("web", 2),), "jobs") == 0
    assert count((("all", 1), ("web", 0)), "jobs") == 1


@given(data=st.binary(max_size=100))
def test_any_options(data: bytes) -> None:
    try:
        options(data)
    except BadInput:
        return


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
