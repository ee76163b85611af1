from __future__ import annotations

import pytest

from homeport.wire.program import own_name, short_program
from tests.report.samples import VITE


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib"), "postgres"),
        (("/usr/bin/python3.11", "-m", "http.server", "8000"), "python -m http.server"),
        (("python3", "/venv/bin/flask", "run", "--port", "5000"), "flask run"),
        (("python", "-u", "app.py"), "python app.py"),
        (("python", "manage.py", "runserver"), "python manage.py runserver"),
        (("python", "-c", "import socket"), "python -c"),
        (("python",), "python"),
        (("python", "/venv/lib/site-packages/debugpy/adapter", "--for-server"), "debugpy/adapter"),
        (("python", "./server", "run"), "server run"),
        (("/venv/bin/python", "/venv/bin/uvicorn", "shop.api:app"), "uvicorn shop.api:app"),
        (("node", "/home/me/shop/node_modules/.bin/vite", "--port", "5173"), "vite"),
        (("node", "/home/me/shop/node_modules/vite/bin/vite.js"), "vite"),
        (("node", "/srv/node_modules/@nestjs/cli/bin/nest.js"), "@nestjs/cli"),
        (("node", "--inspect", "server.js"), "node server.js"),
        (("java", "-Xmx1g", "-jar", "/opt/app/shop.jar"), "java shop.jar"),
        (("java", "-cp", "/a:/b", "com.example.Main", "x"), "java Main"),
        (("java", "-version"), "java"),
        (("nginx: master process /usr/sbin/nginx",), "nginx"),
        (("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",), "sshd"),
        (("redis-server 127.0.0.1:6379",), "redis-server"),
        (("/usr/sbin/mysqld",), "mysqld"),
        (("docker-proxy", "-proto", "tcp"), "docker-proxy"),
        (("next-server (v14.1)",), "next-server"),
    ],
)
def test_a_program_as_its_developer_calls_it(argv: tuple[str, ...], words: str) -> None:
    assert short_program(VITE._replace(argv=argv, exe=None)) == words


@pytest.mark.parametrize("argv", [None, (), ("",), (" ",)])
def test_without_arguments_the_kernels_name_remains(argv: tuple[str, ...] | None) -> None:
    assert short_program(VITE._replace(argv=argv)) == "node"
    assert short_program(VITE._replace(argv=argv, name=None)) == ""


@pytest.mark.parametrize(
    ("exe", "argv", "name"),
    [
        ("/usr/bin/node", ("vite",), "node"),
        ("/usr/bin/node (deleted)", None, "node"),
        (None, ("/usr/bin/node", "x.js"), "node"),
        (None, None, "MainThread"),
    ],
)
def test_a_runtimes_word_for_its_first_thread_is_no_name(
    exe: str | None, argv: tuple[str, ...] | None, name: str
) -> None:
    assert own_name("MainThread", argv, exe) == name
    assert own_name("redis-server", argv, exe) == "redis-server"


def test_a_path_with_a_blank_is_no_title() -> None:
    path = "/home/me/My Tools/server"
    assert short_program(VITE._replace(argv=(path,), exe=path)) == "server"
