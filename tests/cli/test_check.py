"""`homeport check` as a whole process: exit status, forms of output, whose eyes; no traceback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.faults.servers import HTTP, python_server
from tests.schemas import validate
from tests.support import (
    NOBODY,
    homeport_command,
    leased_port,
    network_namespace,
    run_homeport,
    spawn,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def schema(name: str) -> dict[str, object]:
    text = files("homeport.report").joinpath("schemas", name).read_text("utf-8")
    return dict(json.loads(text))


@contextmanager
def web_server() -> Generator[int]:
    port = leased_port()
    with python_server(HTTP, "127.0.0.1", port, ready=port):
        yield port


@pytest.fixture(scope="module")
def web() -> Generator[int]:
    with web_server() as port:
        yield port


def checked(*arguments: str, status: int = 0, **more: object) -> str:
    """What is printed; on the other stream there is nothing."""
    done = run_homeport("check", *arguments, **more)  # type: ignore[arg-type]
    assert (done.returncode, done.stderr) == (status, ""), done.stdout
    return done.stdout


def complained(*arguments: str, status: int = 2, **more: object) -> str:
    """What is complained of; nothing is printed, and nobody sees a traceback."""
    done = run_homeport("check", *arguments, **more)  # type: ignore[arg-type]
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert done.stderr.startswith("homeport: ")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_all_is_well(web: int) -> None:
    text = checked(f"http://127.0.0.1:{web}")
    assert text.startswith(f"http://127.0.0.1:{web}: healthy\n")
    assert "application" in text


def test_nobody_listens() -> None:
    port = leased_port()
    text = checked(f"127.0.0.1:{port}", status=1)
    assert "nothing listens there" in text.splitlines()[0]
    assert "ECONNREFUSED" in text
    assert "not reached: " in text


@pytest.mark.slow
def test_every_layer_with_its_facts() -> None:
    target = f"127.0.0.1:{leased_port()}"
    text = checked("-v", target, status=1)
    assert "not reached: " not in text
    assert len(text.splitlines()) > len(checked(target, status=1).splitlines())


@pytest.mark.slow
def test_a_program_reads_it(web: int) -> None:
    for target, status in ((web, 0), (leased_port(), 1)):
        document = json.loads(checked("--json", f"http://127.0.0.1:{target}", status=status))
        validate(document, schema("check-1.json"))
        assert (document["cause"] is None) is (status == 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["localhost"], "names no port"),
        (["0"], "port 0"),
        (["99999"], "99999"),
        (["http://[::1"], "is not an IPv6 address"),
        (["nosuchscheme://localhost"], "names no port"),
        (["udp/53"], "UDP"),
        ([""], "empty"),
        (["--as", "x", "8000"], "is not a pid"),
        (["--as", "-1", "8000"], "--as"),
        (["--as", "٣", "8000"], "is not a pid"),
        (["--as", "99999999999", "8000"], "is not a pid"),
        (["--json", "--watch", "8000"], "not allowed with"),
        (["--nonsense", "8000"], "--nonsense"),
        (["8000", "9000"], "9000"),
        (["--report"], "--report"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    assert said in complained(*arguments)


def test_a_complaint_repeats_no_password() -> None:
    assert "hunter2" not in complained("nosuchscheme://me:hunter2@localhost")
    assert "hunter2" not in complained("postgresql://me:hunter2@localhost:99999/x")


def test_a_process_that_there_is_not() -> None:
    with spawn([sys.executable, "-c", "pass"]) as gone:
        gone.process.wait(10)
        pid = gone.pid
    assert f"there is no process {pid}" in complained("--as", str(pid), "8000", status=1)


def test_seen_by_another_process(web: int) -> None:
    sleeper = "import time; print('up', flush=True); time.sleep(60)"
    env = {**os.environ, "http_proxy": "http://127.0.0.1:9"}
    with spawn([sys.executable, "-c", sleeper], ready="up", env=env) as process:
        text = checked("-v", "--as", str(process.pid), f"127.0.0.1:{web}")
    assert f"seen as process {process.pid}" in text
    assert "http_proxy is set" in text


@pytest.mark.slow
@pytest.mark.root
def test_seen_from_another_namespace(web: int) -> None:
    sleeper = "import time; print('up', flush=True); time.sleep(60)"
    with network_namespace() as namespace:
        argv = namespace.command(sys.executable, "-c", sleeper)
        with spawn(argv, ready="up") as process:
            text = checked("--as", str(process.pid), f"127.0.0.1:{web}", status=1)
    assert "namespace" in text


@pytest.mark.root
def test_a_process_that_may_not_be_looked_at() -> None:
    said = complained("--as", str(os.getpid()), "8000", status=1, user=NOBODY)
    assert "does not let itself be looked at" in said


def test_an_address_to_listen_on(web: int) -> None:
    assert "healthy" in checked("--bind", f"127.0.0.1:{leased_port()}")
    text = checked("--bind", f"127.0.0.1:{web}", status=1)
    assert f"homeport kill {web}" in text


def test_nothing_is_connected_to_with_bind() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        checked("--bind", f"127.0.0.1:{listener.getsockname()[1]}", status=1)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.slow
def test_a_report_is_for_its_writer_only(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    target = f"postgresql://me:hunter2@127.0.0.1:{leased_port()}/shop"
    checked("--report", str(path), target, status=1)
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert text.startswith("# homeport check\n")
    assert "hunter2" not in text


@pytest.mark.slow
def test_a_report_that_cannot_be_written(tmp_path: Path, web: int) -> None:
    target = f"127.0.0.1:{web}"
    for path in (tmp_path / "no" / "such", tmp_path, tmp_path / ("x" * 300)):
        said = complained("--report", str(path), target, status=1)
        assert str(path)[:60] in said


@pytest.mark.slow
def test_a_project_whose_files_name_services(tmp_path: Path, web: int) -> None:
    nobody = leased_port()
    (tmp_path / "Procfile").write_text(f"web: x --port {web}\n", encoding="utf-8")
    (tmp_path / ".env").write_text(
        f"DATABASE_URL=postgres://me:hunter2@localhost:{nobody}/shop\n", encoding="utf-8"
    )
    (tmp_path / "compose.yaml").write_text("services: [\n", encoding="utf-8")
    text = checked(cwd=tmp_path, status=1)
    assert "SERVICE" in text
    assert "Not read" in text
    assert "hunter2" not in text
    document = json.loads(checked("--json", cwd=tmp_path, status=1))
    validate(document, schema("checks-1.json"))
    for each in document["services"]:
        validate(each["check"], schema("check-1.json"))
    assert [each["name"] for each in document["services"]] == ["web", "DATABASE_URL"]
    assert len(document["limits"]) == 1


def test_a_project_with_one_service_that_is_well(tmp_path: Path, web: int) -> None:
    (tmp_path / "Procfile").write_text(f"web: x --port {web}\n", encoding="utf-8")
    path = tmp_path / "report.md"
    assert "healthy" in checked("--report", str(path), cwd=tmp_path)
    assert "Healthy." in path.read_text(encoding="utf-8")


def test_a_service_that_cannot_be_read_hides_no_other(tmp_path: Path, web: int) -> None:
    text = f'[services.odd]\nurl = "nonsense"\n[services.web]\nport = {web}\n'
    (tmp_path / "homeport.toml").write_text(text, encoding="utf-8")
    document = json.loads(checked("--json", cwd=tmp_path))
    assert [each["name"] for each in document["services"]] == ["web"]
    assert "nonsense" in document["limits"][0]


def test_a_service_by_the_name_that_a_file_of_the_project_gives_it(
    tmp_path: Path, web: int
) -> None:
    (tmp_path / ".env").write_text(f"SHOP_URL=http://127.0.0.1:{web}/\n", encoding="ascii")
    done = run_homeport("check", "shop_url", cwd=tmp_path)
    assert done.stdout.startswith(f"http://127.0.0.1:{web}/: healthy\n"), done.stderr


def test_a_service_by_the_name_of_what_listens(tmp_path: Path) -> None:
    port = leased_port()
    place = tmp_path / "oddly-named-project"
    place.mkdir()
    (place / "pyproject.toml").touch()
    with python_server(HTTP, "127.0.0.1", port, ready=port, cwd=place):
        done = run_homeport("check", "oddly-named-project")
    assert done.stdout.startswith(f"127.0.0.1:{port}: healthy\n"), done.stderr


@pytest.mark.slow
def test_a_registered_service_is_looked_for_at_its_port() -> None:
    done = run_homeport("check", "--json", "redis")
    assert json.loads(done.stdout)["target"].startswith("redis://")


@pytest.mark.slow
def test_what_a_pasted_line_complains_of() -> None:
    port = leased_port()
    done = run_homeport("check", f"curl: (7) Failed to connect to localhost port {port}")
    assert done.returncode == 1
    assert done.stdout.startswith(f"localhost:{port}: nothing listens there"), done.stderr


def test_a_name_that_nothing_has() -> None:
    done = run_homeport("check", "no-such-name-here")
    assert done.returncode == 2
    assert "nothing is called 'no-such-name-here'" in done.stderr


def test_nothing_to_check(tmp_path: Path) -> None:
    assert "no file of this project names a service" in complained(cwd=tmp_path)
    assert "there is no TARGET" in complained("--bind", cwd=tmp_path)
    assert "there is no TARGET" in complained("--watch", cwd=tmp_path)
    assert "is not a pid" in complained("--as", "x", cwd=tmp_path)


@pytest.mark.slow
def test_a_line_for_each_change() -> None:
    port = leased_port()
    argv, env = homeport_command()
    command = [*argv, "check", "--watch", f"http://127.0.0.1:{port}"]
    with spawn(command, env={**os.environ, **env}) as watching:
        watching.wait_for("nothing listens there")
        with python_server(HTTP, "127.0.0.1", port, ready=port):
            watching.wait_for("healthy")
            os.kill(watching.pid, signal.SIGINT)
            assert watching.process.wait(10) == 0
        lines = watching.output.splitlines()
    assert len(lines) == len(set(lines))
    assert "Traceback" not in "".join(lines)


@pytest.mark.slow
def test_the_status_of_a_watch_is_that_of_its_last_result() -> None:
    argv, env = homeport_command()
    command = [*argv, "check", "--watch", f"127.0.0.1:{leased_port()}"]
    with spawn(command, env={**os.environ, **env}) as watching:
        watching.wait_for("nothing listens there")
        os.kill(watching.pid, signal.SIGINT)
        assert watching.process.wait(10) == 1
        assert "Traceback" not in watching.output


@pytest.mark.parametrize("form", ["--json", "--verbose", "--watch"])
def test_a_reader_who_has_seen_enough(form: str, web: int) -> None:
    argv, env = homeport_command()
    command = [*argv, "check", form, f"127.0.0.1:{web}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **env}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        if form == "--watch":
            wait_until(lambda: process.poll() is not None)
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


@pytest.mark.root
def test_an_ordinary_user(web: int) -> None:
    assert "healthy" in checked(f"http://127.0.0.1:{web}", user=NOBODY)


@pytest.mark.root
@pytest.mark.slow
def test_an_ordinary_user_where_nobody_listens() -> None:
    text = checked(f"127.0.0.1:{leased_port()}", user=NOBODY, status=1)
    assert "nothing listens there" in text
    assert "firewall" in text


def test_a_name_that_stands_for_nothing() -> None:
    text = checked("http://no-such-name.invalid:80", status=1)
    assert "no-such-name.invalid" in text


@pytest.mark.slow
def test_a_narrow_screen_and_plain_characters() -> None:
    env = {"COLUMNS": "40", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    target = f"127.0.0.1:{leased_port()}"
    text = checked(target, status=1, env=env)
    assert text.isascii()
    assert "\x1b" not in text
