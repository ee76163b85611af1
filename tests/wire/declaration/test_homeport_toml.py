"""homeport.toml: what it says, and what is said of its mistakes."""

from __future__ import annotations

import textwrap
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.mistake import BadDeclaration, Mistake
from homeport.model.service import Check, CheckKind, Declaration, Limits, Restart, Service
from homeport.wire.declaration import fields
from homeport.wire.declaration.homeport_toml import parse

RECIPES = {
    "postgresql": {"version": "Which version.", "database": "Its name.", "user": "Its user."},
    "redis": {"version": "Which version."},
    "flask": {"app": "Where the app is."},
}


def read(text: str | bytes) -> Declaration:
    data = textwrap.dedent(text).encode() if isinstance(text, str) else text
    return parse(data, root="/work/shop", project="shop", recipes=RECIPES)


def service(text: str) -> Service:
    return read(f'[services.web]\nrun = "serve"\n{textwrap.dedent(text)}').services[0]


def mistakes(text: str | bytes) -> tuple[Mistake, ...]:
    with pytest.raises(BadDeclaration) as caught:
        read(text)
    return caught.value.mistakes


def told(text: str) -> list[tuple[str, str, str | None]]:
    return [(f"{each.line}:{each.column}", each.what, each.meant) for each in mistakes(text)]


def test_a_project() -> None:
    declared = read(
        """
        [project]
        name = "My Shop"
        [env]
        DEBUG = true
        LEVEL = 3
        [services.web]
        run = "flask run --port $PORT"
        needs = ["db"]
        ready = "http:/healthz"
        [services.db]
        recipe = "postgresql"
        version = 16
        user = "shop"
        [services.worker]
        run = "celery -A shop worker"
        port = false
        """
    )
    web, db, worker = declared.services
    assert (declared.root, declared.name, declared.source) == (
        "/work/shop", "my-shop", "homeport.toml",
    )  # fmt: skip
    assert declared.env == (("DEBUG", "true"), ("LEVEL", "3"))
    assert web == Service(
        name="web",
        directory="/work/shop",
        source="homeport.toml:7",
        run="flask run --port $PORT",
        needs=("db",),
        ready=Check(CheckKind.HTTP, "/healthz"),
    )
    assert db.recipe == "postgresql"
    assert db.options == (("version", "16"), ("user", "shop"))
    assert db.user is None
    assert (worker.has_port, worker.ready) == (False, Check(CheckKind.NOTHING))


def test_every_field_of_a_service() -> None:
    assert service(
        """
        port = 8000
        ready = { check = "log:listening on", timeout = "2m" }
        health = { check = "cmd:true", timeout = "500ms", interval = "1.5s", failures = 2 }
        restart = "always"
        watch = ["src/**/*.py"]
        env = { A = "x", B = 1.5 }
        names = ["admin.shop", "old"]
        directory = "backend/../api"
        user = "nobody"
        limits = { memory = "512MB", cpus = 0.5, processes = 10, open_files = 1024 }
        stop = { signal = "SIGINT", time = "0s" }
        lazy = true
        """
    ) == Service(
        name="web",
        directory="/work/shop/api",
        source="homeport.toml:1",
        run="serve",
        port=8000,
        ready=Check(CheckKind.LOG, "listening on", timeout_ms=120_000),
        health=Check(CheckKind.COMMAND, "true", timeout_ms=500, interval_ms=1500, failures=2),
        restart=Restart.ALWAYS,
        watch=("/work/shop/api/src/**/*.py",),
        env=(("A", "x"), ("B", "1.5")),
        names=("admin.shop", "old"),
        user="nobody",
        limits=Limits(memory_bytes=512_000_000, cpus=0.5, processes=10, open_files=1024),
        stop_signal="INT",
        stop_ms=0,
        lazy=True,
    )


@pytest.mark.parametrize(
    ("short", "check"),
    [
        ('"tcp"', Check()),
        ('"nothing"', Check(CheckKind.NOTHING)),
        ('"http:/"', Check(CheckKind.HTTP, "/")),
        ('"log:^ready in [0-9]+"', Check(CheckKind.LOG, "^ready in [0-9]+")),
        ('"cmd:pg_isready -p $PORT"', Check(CheckKind.COMMAND, "pg_isready -p $PORT")),
        ('{ check = "tcp", timeout = "30s" }', Check(timeout_ms=30_000)),
    ],
)
def test_ready(short: str, check: Check) -> None:
    assert service(f"ready = {short}").ready == check


def test_health_looks_for_five_seconds_at_most() -> None:
    assert service('health = "tcp"').health == Check(timeout_ms=5000)


@pytest.mark.parametrize(
    ("size", "size_bytes"),
    [("1B", 1), ("64 KB", 64_000), ("0.5GB", 500_000_000), ("1.5GiB", 1_610_612_736)],
)
def test_sizes(size: str, size_bytes: int) -> None:
    assert service(f'limits.memory = "{size}"').limits.memory_bytes == size_bytes


def test_a_service_that_somebody_else_runs() -> None:
    declared = read('[services.db]\nurl = "postgresql://localhost/x"\n')
    assert declared.services == ()
    assert declared.notes == ("db is left out: it has a `url`, so somebody else runs it",)


def test_a_reference_is_a_need() -> None:
    declared = read(
        """
        [services.web]
        run = "serve ${cache.port} $${db.port} ${HOME}"
        env = { DATABASE_URL = "${db.url}", SELF = "${web.url}" }
        [services.db]
        recipe = "postgresql"
        [services.cache]
        recipe = "redis"
        """
    )
    assert [each.needs for each in declared.services] == [("cache", "db"), (), ()]


def test_what_everybody_refers_to_is_needed_by_all_but_itself_and_what_it_needs() -> None:
    declared = read(
        """
        [env]
        API = "${api.url}"
        DATABASE_URL = "${db.url}"
        [services.web]
        run = "serve"
        [services.api]
        run = "serve"
        needs = ["cache"]
        [services.db]
        recipe = "postgresql"
        [services.cache]
        recipe = "redis"
        """
    )
    assert [each.needs for each in declared.services] == [("api", "db"), ("cache",), (), ()]


GOLDEN = [
    ("[services.web]\nrun = 'x'\nprot = 8000", "3:1", "services.web has no `prot`",
     "did you mean `port`?"),
    ("[service.web]\nrun = 'x'", "1:1", "there is no table `service`",
     "did you mean `services`?"),
    ("[services.web]\nrun = 'x'\nneeds = ['bd']\n[services.db]\nrun = 'x'", "3:10",
     "there is no service `bd`", "did you mean `db`?"),
    ("[services.web]\nrun = 'x ${bd.url}'\n[services.db]\nrun = 'x'", "2:7",
     "there is no service `bd`", "did you mean `db`?"),
    ("[env]\nA = '${x.url}'\n[services.db]\nrun = 'x'", "2:5",
     "there is no service `x`", "there are: db"),
    (("[services.a]\nrun = 'x'\nneeds = ['b']\n[services.b]\nrun = 'x'\nneeds = ['c']\n"
     "[services.c]\nrun = 'x'\nneeds = ['a']"), "3:10",
     "services need each other: a -> b -> c -> a",
     "take one of these needs out"),
    ("[services.a]\nrun = 'x'\nneeds = ['a']", "3:10", "services need each other: a -> a",
     "take one of these needs out"),
    ("[services.web]\nrun = 'x'\nport = '8000'", "3:8",
     "services.web.port is a port, or false for what listens nowhere, not a text",
     "for example: port = 8000"),
    ("[services.web]\nrun = 'x'\nport = 80000", "3:8",
     "services.web.port is a port from 1 to 65535, not 80000", "for example: port = 8000"),
    ("[services.web]\nrun = ['x']", "2:7", "services.web.run is a text, not a list",
     'for example: run = "flask run --port $PORT"'),
    ("[services.web]\nrun = ''", "2:7", "services.web.run is empty",
     'for example: run = "flask run --port $PORT"'),
    ("[services.web]\nrun = 'x'\nneeds = 'db'", "3:9",
     "services.web.needs is a list of services, not a text", 'for example: needs = ["db"]'),
    ("[services.web]\nrun = 'x'\nready = 'http:healthz'", "3:9",
     "services.web.ready needs a path that begins with /: http:/healthz",
     'for example: ready = "http:/healthz"'),
    ("[services.web]\nrun = 'x'\nready = 'log:('", "3:9",
     ("services.web.ready has no regular expression that can be read: "
     "missing ), unterminated subpattern at position 0"), 'for example: ready = "http:/healthz"'),
    ("[services.web]\nrun = 'x'\nhealth = 'log:x'", "3:10",
     'services.web.health is "tcp", "http:/PATH" or "cmd:COMMAND"',
     'for example: health = "http:/healthz"'),
    ("[services.web]\nrun = 'x'\nready = { timeout = '3s' }", "3:9",
     "services.web.ready has to have `check`", None),
    ("[services.web]\nrun = 'x'\nstop = { time = '5' }", "3:17",
     "services.web.stop.time is no duration: a number and ms, s, m or h",
     'for example: time = "30s"'),
    ("[services.web]\nrun = 'x'\nstop.signal = 'STOP'", "3:15",
     "services.web.stop.signal is none of TERM, INT, QUIT, HUP, USR1, USR2, WINCH, KILL",
     'for example: signal = "INT"'),
    ("[services.web]\nrun = 'x'\nlimits = { memory = 512 }", "3:21",
     "services.web.limits.memory is a size, not a number", 'for example: memory = "512MB"'),
    ("[services.web]\nrun = 'x'\nrestart = 'sometimes'", "3:11",
     'services.web.restart is "always", "on-failure" or "never", not \'sometimes\'',
     'for example: restart = "on-failure"'),
    ("[services.web]\nrun = 'x'\nlazy = 1", "3:8",
     "services.web.lazy is true or false, not a number", "for example: lazy = true"),
    ("[services.web]\nrun = 'x'\nenv = { 'A-B' = 1 }", "3:9", "'A-B' is no name of a variable",
     "letters, digits and _ are"),
    ("[services.web]\nrun = 'x'\nenv.A = [1]", "3:9",
     "services.web.env.A is a text, a number, true or false, not a list",
     'for example: A = "16"'),
    ("[services.web]\nrun = 'x'\nnames = ['Admin.localhost']", "3:10",
     "services.web.names[0] is no host: lower case letters, digits and - are, without .localhost",
     'for example: "shop"'),
    ("[services.db]\nrecipe = 'postgres'", "2:10", "there is no recipe 'postgres'",
     "did you mean `postgresql`?"),
    ("[services.db]\nrecipe = 'postgresql'\nvresion = 16", "3:1",
     "services.db has no `vresion`", "did you mean `version`?"),
    ("[services.redis]\nport = 6379", "1:1", "services.redis says neither `run` nor `recipe`",
     'recipe = "redis"'),
    ("[services.'a b']\nrun = 'x'", "1:1", "'a b' is no name of a service",
     "letters, digits, _ and - are, 63 at most"),
    ("[services.a_b]\nrun = 'x'\n[services.a-b]\nrun = 'x'", "3:1",
     "a-b and a_b would have the same host name: a-b", "rename one of them"),
    ("[services.w]\nrun = 'x'\nport = false\nready = 'tcp'", "4:1",
     "services.w.ready needs a port, and there is `port = false`", "take one of the two out"),
    ("[services]\nweb = 'x'", "2:1", "services.web is a table, not a text",
     'for example: [services.web] run = "…"'),
    ("[services.db]\nurl = 'x'\n[services.web]\nrun = '${db.url}'", "4:7",
     "db is not run here: it has only a `url`",
     "give it `run` or `recipe`, or write the URL itself"),
    ("[services.web]\nrun = flask run", "2:7", "invalid value",
     'texts stand in quotes: name = "value"'),
    ('[services.web]\nrun = "flask run', "2:17", "unterminated string",
     "the quotes are not closed"),
    ("[services.web", "1:14", "expected ']' at the end of a table declaration",
     "a table begins with [services.web]"),
    ("[services.web]\nrun = 'x'\nrun = 'y'", "3:10", "cannot overwrite a value",
     "this key stands there twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "what", "meant"), GOLDEN)
def test_a_mistake(text: str, place: str, what: str, meant: str | None) -> None:
    assert told(text) == [(place, what, meant)]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "[services.web]\nprot = 1\nrun = 2\n[services.db]\nrecipe = 'x'\nneeds = ['y']\n"
    assert [place for place, _, _ in told(text)] == ["2:1", "3:7", "5:10", "6:10"]


def test_a_mistake_brings_its_line() -> None:
    (mistake,) = mistakes("[services.web]\nrun = 'x'\n  prot = 1 # here\n")
    assert (mistake.place, mistake.text) == ("homeport.toml:3:3", "  prot = 1 # here")
    assert (mistake.line, mistake.column) == (3, 3)


def test_one_mistake_and_several_in_a_line() -> None:
    with pytest.raises(BadDeclaration, match=r"^homeport\.toml:3:1: services\.web has no `prot`"):
        read("[services.web]\nrun = 'x'\nprot = 1\n")
    with pytest.raises(BadDeclaration, match=r"^homeport\.toml has 2 mistakes: homeport\.toml:3"):
        read("[services.web]\nrun = 'x'\nprot = 1\nqueue = 2\n")


def test_a_file_without_services() -> None:
    (mistake,) = mistakes("")
    assert mistake.what == "it declares no services"


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    declared = read("\ufeff[services.web]\r\nrun = 'x'\r\n".encode())
    assert declared.services[0].run == "x"
    (mistake,) = mistakes(b"[services.web]\r\nrun = 'x'\r\nprot = 1\r\n")
    assert (mistake.line, mistake.column, mistake.text) == (3, 1, "prot = 1")


def test_a_file_that_is_no_utf8() -> None:
    (mistake,) = mistakes(b"[services.web]\nrun = '\xff'\n")
    assert (mistake.line, mistake.what) == (2, "the byte 0xff is no UTF-8")


@pytest.mark.parametrize("data", [b"a = " + b"[" * 100_000, b"a = " + b"9" * 10_000])
def test_what_no_reader_of_toml_can_take(data: bytes) -> None:
    (mistake,) = mistakes(data)
    assert mistake.file == "homeport.toml"


WORDS = st.sampled_from(
    ["run", "port", "needs", "ready", "env", "stop", "limits", "recipe", "[", "]", "{", "}", "=",
     '"x"', '"tcp"', "'db'", "8000", "false", "\n", "\n[services.web]\n", "\n[services.db]\n",
     "\n[env]\n", '"${db.url}"', ",", ".", "#", "A", " = ", "'redis'", "1979-05-27", "\\", '"""']
)  # fmt: skip


@given(words=st.lists(WORDS, max_size=30))
def test_no_text_is_too_odd(words: list[str]) -> None:
    with suppress(BadDeclaration):
        declared = read("".join(words).encode())
        assert all(each.run or each.recipe for each in declared.services)


@given(data=st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    with suppress(BadDeclaration):
        read(data)


VALUES = st.recursive(
    st.sampled_from(["1", "-1", "true", "false", "1.5", '""', '"x"', "[]", "{}", "1979-05-27",
                     "inf", "nan", '"tcp"', '"5s"', '"\\u0000"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]"),
        inner.map(lambda each: f"{{ check = {each}, time = {each} }}"),
    ),
    max_leaves=4,
)  # fmt: skip
FIELDS = [field.name for field in fields.SERVICE]


@given(field=st.sampled_from(FIELDS), value=VALUES)
def test_no_value_is_too_odd(field: str, value: str) -> None:
    with suppress(BadDeclaration):
        read(f"[services.web]\n{field} = {value}\n".encode())


def test_a_key_of_many_parts_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadDeclaration, match="too many parts"):
        read(b"a." * 200_000 + b"a = 1\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "".join(f"[services.s{n}]\nrun = 'x'\nneeds = ['s{n + 1}']\n" for n in range(3_000)),
        "[services.a]\nrun='x'\n" + "".join(f"k{n} = 1\n" for n in range(10_000)),
        "".join(f"[services.s{n}]\nrun = 'x'\nneeds = ['t{n + 1}']\n" for n in range(3_000)),
        "[env]\n"
        + "".join(f"A{n} = '${{s{n}.url}}'\n" for n in range(800))
        + "".join(f"[services.s{n}]\nrun = 'x'\n" for n in range(800)),
    ],
)
def test_much_takes_linear_time(text: str) -> None:
    began = time.process_time()
    with suppress(BadDeclaration):
        read(text.encode())
    assert time.process_time() - began < 6
