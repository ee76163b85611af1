"""What the files of projects say: compose, Procfile, .env, settings.py, homeport.toml."""

from __future__ import annotations

import textwrap
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.declared import (
    READERS,
    Declared,
    compose_services,
    distinct,
    of_compose,
    of_django,
    of_homeport,
    of_procfile,
    of_variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def read(name: str, data: bytes) -> list[Declared]:
    """What a file declares; nothing where it cannot be read, which is said with a reason."""
    reasons = []
    try:
        return READERS[name](data, name)
    except BrokenMessage as error:
        reasons = [error.what, error.why]
    assert reasons[0] == f"{name} cannot be read"
    assert reasons[1]
    return []


def found(reader: Callable[[bytes, str], list[Declared]], text: str) -> list[tuple[str, str]]:
    declared = reader(textwrap.dedent(text).encode(), "a-file")
    assert all(each.source == "a-file" for each in declared)
    return [(each.name, each.target) for each in declared]


def ports(*entries: str) -> list[str]:
    lines = "".join(f"      - {entry}\n" for entry in entries)
    data = f"services:\n  web:\n    ports:\n{lines}".encode()
    return [each.target for each in of_compose(data, "compose.yaml")]


@pytest.mark.parametrize(
    ("entry", "targets"),
    [
        ("8000:80", ["127.0.0.1:8000"]),
        ('"8000:80"', ["127.0.0.1:8000"]),
        ('"127.0.0.1:8000:80"', ["127.0.0.1:8000"]),
        ('"[::1]:8000:80"', ["[::1]:8000"]),
        ('"0.0.0.0:8000:80"', ["127.0.0.1:8000"]),
        ('"127.0.0.2:8000:80"', ["127.0.0.2:8000"]),
        ('"192.0.2.1:8000:80"', ["192.0.2.1:8000"]),
        ('"8000:80/tcp"', ["127.0.0.1:8000"]),
        ('"8000:80/udp"', []),
        ('"8000-8002:80-82"', ["127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8002"]),
        ('"8000-8001:80-81/udp"', []),
        ('"80"', []),
        ("80", []),
        ('"${PORT:-8000}:80"', ["127.0.0.1:8000"]),
        ('"${PORT-8000}:80"', ["127.0.0.1:8000"]),
        ('"${BIND:-127.0.0.2}:${PORT:-8000}:80"', ["127.0.0.2:8000"]),
        ('"${PORT}:80"', []),
        ('"$PORT:80"', []),
        ('"${PORT:?must be set}:80"', []),
        ('"70000:80"', []),
        ('"0:80"', []),
        ('"9-1:80"', []),
        ('"1-65535:80"', []),
        ('"x:80"', []),
        ("{target: 80, published: 8000}", ["127.0.0.1:8000"]),
        ('{target: 80, published: "8000"}', ["127.0.0.1:8000"]),
        ('{target: 80, published: "8000-8001"}', ["127.0.0.1:8000", "127.0.0.1:8001"]),
        ("{target: 80, published: 8000, host_ip: 127.0.0.2}", ["127.0.0.2:8000"]),
        ("{target: 80, published: 8000, protocol: udp}", []),
        ("{target: 80}", []),
        ("[1, 2]", []),
        ("null", []),
        ("22:22", ["127.0.0.1:22"]),
    ],
)
def test_ports_of_compose(entry: str, targets: list[str]) -> None:
    assert ports(entry) == targets


def test_several_services_of_compose() -> None:
    text = """
        services:
          web: {ports: ["8000:80"]}
          db: {image: postgres}
          cache: {ports: "6379:6379"}
          odd: null
        volumes: {}
        """
    assert found(of_compose, text) == [("web", "127.0.0.1:8000")]
    assert list(compose_services(textwrap.dedent(text).encode(), "x")) == [
        "web", "db", "cache", "odd",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "services:", "services: []", "a: b", "just words"])
def test_compose_files_without_services(text: str) -> None:
    assert found(of_compose, text) == []


@pytest.mark.parametrize(
    "data",
    [
        b"services: [",
        b"\tservices:",
        b"\xff\xfe\x00",
        b"a: &a [*b]",
        b"!!python/object/apply:os.system ['true']",
        pytest.param(b"[" * 100_000, marks=pytest.mark.slow),
        b"{a: " * 5_000,
    ],
)
def test_compose_files_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BrokenMessage, match=r"compose\.yaml cannot be read"):
        of_compose(data, "compose.yaml")


def test_references_do_not_explode() -> None:
    doubling = b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40))
    data = b"a0: &a0 [1, 2]\n" + doubling + b"services: {web: {ports: *a39}}\n"
    began = time.process_time()
    assert of_compose(data, "compose.yaml") == []
    assert time.process_time() - began < 2


def test_merges_do_not_explode() -> None:
    doubling = b"".join(
        b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (n, n, n - 1, n - 1) for n in range(1, 40)
    )
    began = time.process_time()
    with suppress(BrokenMessage):  # PyYAML before 6.0.4 would merge the same again and again
        of_compose(b"a0: &a0 {x: 1}\n" + doubling, "compose.yaml")
    assert time.process_time() - began < 5


def test_merged_services() -> None:
    text = """
        x-web: &web {ports: ["8000:80"]}
        services:
          web: {<<: *web, image: x}
        """
    assert found(of_compose, text) == [("web", "127.0.0.1:8000")]


def test_processes() -> None:
    text = """
        # a comment
        web: gunicorn shop.wsgi -b 0.0.0.0:8000 --reload
        api: uvicorn shop:app --port 8001
        spaced: hypercorn --port=8002
        short: rails server -p 3000
        joined: next dev -p3001
        django: python manage.py runserver 8003
        bound: python manage.py runserver 0.0.0.0:8004
        given: PORT=8005 node server.js
        worker: celery -A shop worker
        left: gunicorn --bind :$PORT
        broker: celery -A shop -b redis://localhost:6379 worker
        no port here
        """
    assert found(of_procfile, text) == [
        ("web", "127.0.0.1:8000"),
        ("api", "127.0.0.1:8001"),
        ("spaced", "127.0.0.1:8002"),
        ("short", "127.0.0.1:3000"),
        ("joined", "127.0.0.1:3001"),
        ("django", "127.0.0.1:8003"),
        ("bound", "127.0.0.1:8004"),
        ("given", "127.0.0.1:8005"),
    ]


def test_a_process_on_no_possible_port() -> None:
    assert found(of_procfile, "web: x --port 99999\nnone: x --port 00\n") == []


def test_variables() -> None:
    text = """
        # DATABASE_URL=postgres://localhost/old
        DATABASE_URL=postgres://me:s3cret@localhost:5432/shop
        export REDIS_URL='redis://127.0.0.1:6379/0'
        QUOTED="amqp://guest:guest@[::1]:5672//"  # a comment
        COMMENTED=http://localhost:8000  # the site
        REMOTE=postgres://db.example.com/shop
        SITE=http://shop.localhost:3000
        PORT=8001
        HOST=localhost:9
        WORDS=a b c
        EMPTY=
        odd line
        MAIL=mailto://localhost
        DRIVER=mysql+pymysql://localhost/shop
        LEFT=postgres://${DB_HOST}/shop
        """
    assert found(of_variables, text) == [
        ("DATABASE_URL", "postgres://me:s3cret@localhost:5432/shop"),
        ("REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("QUOTED", "amqp://guest:guest@[::1]:5672//"),
        ("COMMENTED", "http://localhost:8000"),
        ("SITE", "http://shop.localhost:3000"),
        ("PORT", "127.0.0.1:8001"),
        ("DRIVER", "mysql+pymysql://localhost/shop"),
    ]


def test_a_password_with_the_sign_of_a_comment_stays_whole() -> None:
    assert found(of_variables, "U=redis://:a#b@localhost\n") == [("U", "redis://:a#b@localhost")]


@pytest.mark.parametrize("value", ["0", "65536", "99999999999", "-1", "8000x", "٨"])
def test_a_port_that_is_none(value: str) -> None:
    assert found(of_variables, f"PORT={value}\n") == []


def test_databases_of_django() -> None:
    text = """
        import os
        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "shop", "HOST": "localhost", "PORT": "5433", "PASSWORD": os.environ["P"],
            },
            "usual": {"ENGINE": "django.db.backends.mysql", "HOST": "127.0.0.1"},
            "number": {"ENGINE": "django.contrib.gis.postgis", "HOST": "::1", "PORT": 1},
            "file": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"},
            "socket": {"ENGINE": "django.db.backends.postgresql", "HOST": "/run/postgresql"},
            "away": {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example.com"},
            "left": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["H"]},
            "odd": {"ENGINE": "django.db.backends.postgresql", "HOST": "localhost", "PORT": "x"},
            **more,
            name: {},
        }
        """
    assert found(of_django, text) == [
        ("default", "postgresql://localhost:5433"),
        ("usual", "mysql://127.0.0.1:3306"),
        ("number", "postgresql://[::1]:1"),
    ]


def test_databases_with_a_type() -> None:
    text = 'DATABASES: dict = {"a": {"ENGINE": "x.mysql", "HOST": "localhost"}}\n'
    assert found(of_django, text) == [("a", "mysql://localhost:3306")]


@pytest.mark.parametrize(
    "data",
    [
        b"DATABASES = {",
        b"\x00",
        b"\xff",
        b"(" * 5_000,
        b"-" * 200_000 + b"1",
        b"a" + b".b" * 50_000,
    ],
)
def test_settings_that_cannot_be_read(data: bytes) -> None:
    assert not read("settings.py", data)


def test_settings_are_not_run(tmp_path: object) -> None:
    text = f'open("{tmp_path}/run", "w")\nDATABASES = {{}}\n'
    assert found(of_django, text) == []


def test_services_of_homeport() -> None:
    text = """
        [services.web]
        port = 8000
        [services.db]
        url = "postgresql://localhost/shop"
        [services.text]
        port = "8001"
        [services.none]
        command = "x"
        [services.odd]
        port = true
        [services.far]
        port = 70000
        """
    assert found(of_homeport, text) == [
        ("web", "127.0.0.1:8000"),
        ("db", "postgresql://localhost/shop"),
        ("text", "8001"),
    ]


def test_a_number_without_end_is_an_error_of_the_file() -> None:
    with pytest.raises(BrokenMessage):
        of_homeport(b"[services.a]\nport = " + b"7" * 5000, "homeport.toml")
    with pytest.raises(BrokenMessage, match="too many parts"):
        of_homeport(b"a." * 200_000 + b"a = 1\n", "homeport.toml")


@pytest.mark.parametrize("data", [b"[services", b"\xff", b"a = " + b"[" * 100_000])
def test_a_file_of_homeport_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BrokenMessage, match=r"homeport\.toml cannot be read"):
        of_homeport(data, "homeport.toml")


def test_what_two_files_ask_for_is_asked_once() -> None:
    first, again = Declared("a", "t", "x"), Declared("b", "t", "y")
    assert distinct([first, again, first]) == (first,)


@settings(max_examples=40)
@given(data=st.binary(max_size=120))
@pytest.mark.parametrize("name", READERS)
def test_no_file_is_too_odd(name: str, data: bytes) -> None:
    assert all(each.target for each in read(name, data))


WORDS = st.text("aZ09:=/-.@#'\" {}[]$&*!\\\n\t,%", max_size=80)


BEGINNINGS = {
    "homeport.toml": "[services.",
    "compose.yaml": "services:\n ",
    "Procfile": "web: ",
    ".env": "A=http://localhost",
    "settings.py": "DATABASES = ",
}


@given(text=WORDS)
@pytest.mark.parametrize("name", BEGINNINGS)
def test_no_text_is_too_odd(name: str, text: str) -> None:
    assert all(each.target for each in read(name, (BEGINNINGS[name] + text).encode()))


@pytest.mark.slow
@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize(
    "data",
    [
        b"A" * 500_000,
        b" " * 500_000,
        b"A=" + b" " * 500_000 + b"x",
        b"a: " + b" -p" * 100_000,
        b"a: " + b"--bind=" * 70_000,
        b"a: " + b" -b" * 100_000,
        b"a: " + b"runserver " * 50_000,
        b"a: runserver " + b"x" * 500_000,
        b"A=x" + b" " * 500_000 + b"y",
        b"A=http://" + b"a:" * 200_000,
    ],
)
def test_much_takes_linear_time(name: str, data: bytes) -> None:
    began = time.process_time()
    read(name, data)
    assert time.process_time() - began < 3
