"""`homeport up` and the commands that go with it, as whole processes with real services."""

from __future__ import annotations

import json
import os
import shutil
import signal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import SERVER, processes_of, project
from tests.schemas import validate
from tests.support import homeport_command, run_homeport, spawn, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Generator

    from tests.running import RunningProject

WEB = """
[services.web]
run = "python3 server.py"
"""
TWO = """
[env]
SAYS = "good day"

[services.web]
run = "python3 server.py"
needs = ["worker"]

[services.worker]
run = "echo working; exec sleep 600"
port = false
"""


def schema(name: str) -> dict[str, object]:
    text = files("homeport.report").joinpath("schemas", f"{name}.json").read_text("utf-8")
    found: dict[str, object] = json.loads(text)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Generator[RunningProject]:
    with project(tmp_path, TWO) as made:
        yield made


def test_services_come_up_in_the_background_and_are_reached_by_name(shop: RunningProject) -> None:
    settled = shop.up()
    validate(settled, schema("up-1"))
    assert {each["name"]: each["state"] for each in settled["project"]["services"]} == {
        "web": "ready",
        "worker": "ready",
    }
    assert shop.get("web.shop", "/x") == "good day /x"
    assert shop.get("shop", "/y") == "good day /y"


@pytest.mark.slow
def test_ps_shows_where_each_is_reached(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("ps", "--json")
    validate(json.loads(done.stdout), schema("ps-1"))
    services = shop.ps()
    assert services["web"]["public_url"] == f"http://web.shop.localhost:{shop.gateway_port}"
    assert services["worker"]["port"] is None
    shown = shop.homeport("ps").stdout
    assert "http://web.shop.localhost" in shown
    assert done.returncode == 0


@pytest.mark.slow
def test_stop_leaves_nothing(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("stop")
    assert done.returncode == 0, done.stderr
    assert "web stopped" in done.stdout
    assert shop.homeport("ps").stderr.startswith("homeport: no services run")
    # The gateway goes by itself, a little after its last project.
    wait_until(lambda: not processes_of(shop), what="the end of all processes")


@pytest.mark.slow
def test_a_stopped_service_is_stopped_alone_and_before_what_it_needs(shop: RunningProject) -> None:
    shop.up()
    assert shop.homeport("stop", "web").returncode == 0
    assert {name: each["state"] for name, each in shop.ps().items()} == {
        "web": "stopped",
        "worker": "ready",
    }
    done = shop.homeport("stop", "worker")
    assert done.returncode == 0
    assert shop.ps()["worker"]["state"] == "stopped"


@pytest.mark.slow
def test_what_needs_a_service_is_stopped_with_it(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("stop", "worker")
    lines = [line for line in done.stdout.splitlines() if "stopped" in line]
    assert [line.split()[0] for line in lines] == ["web", "worker"]


@pytest.mark.slow
def test_up_again_changes_only_what_it_must(shop: RunningProject) -> None:
    shop.up()
    before = shop.ps()
    shop.up()
    assert {name: each["pid"] for name, each in shop.ps().items()} == {
        name: each["pid"] for name, each in before.items()
    }
    shop.write("homeport.toml", TWO.replace("echo working", "echo busy"))
    shop.up()
    after = shop.ps()
    assert after["web"]["pid"] == before["web"]["pid"]
    assert after["worker"]["pid"] != before["worker"]["pid"]
    shop.write("homeport.toml", WEB)
    shop.up()
    assert list(shop.ps()) == ["web"]
    assert shop.ps()["web"]["port"] == before["web"]["port"]


@pytest.mark.slow
def test_a_broken_declaration_changes_nothing(shop: RunningProject) -> None:
    shop.up()
    before = shop.ps()
    shop.write("homeport.toml", "[services.web]\nrum = 'x'\n")
    done = shop.homeport("up", "-d")
    assert done.returncode == 2
    assert "homeport.toml" in done.stderr
    assert "rum" in done.stderr
    assert shop.ps() == before


def test_the_foreground_shows_lines_and_ends_by_ctrl_c(shop: RunningProject) -> None:
    with shop.foreground(ready="web ready") as running:
        running.wait_for(r"web    \| up on [0-9]+")
        running.wait_for(r"worker \| working")
        os.kill(running.pid, signal.SIGINT)
        assert running.process.wait(20) == 0
        assert "web stopped" in running.output
    assert shop.ps() == {}


@pytest.mark.slow
def test_after_the_supervisor_was_killed_nothing_is_left_and_up_works(shop: RunningProject) -> None:
    shop.up()
    before = shop.ps()
    os.kill(shop.supervisor(), signal.SIGKILL)
    shop.up()
    after = shop.ps()
    assert after["web"]["port"] == before["web"]["port"]
    assert not os.path.exists(f"/proc/{before['web']['pid']}")
    assert shop.get("web.shop") == "good day /"


@pytest.mark.slow
def test_after_the_gateway_was_killed_it_comes_back(shop: RunningProject) -> None:
    shop.up()
    (gateway,) = shop.gateways()
    os.kill(gateway, signal.SIGKILL)
    wait_until(lambda: gateway not in processes_of(shop))
    wait_until(lambda: _answers(shop), what="the gateway to answer again")


def _answers(shop: RunningProject) -> bool:
    from subprocess import CalledProcessError

    try:
        return shop.get("web.shop") == "good day /"
    except CalledProcessError:
        return False


@pytest.mark.slow
def test_two_ups_at_once_are_one(shop: RunningProject) -> None:
    with shop.foreground("-d") as one, shop.foreground("-d") as other:
        assert one.process.wait(60) == 0, one.output
        assert other.process.wait(60) == 0, other.output
    assert {each["state"] for each in shop.ps().values()} == {"ready"}


@pytest.mark.slow
def test_no_second_server_runs_on_the_same_data(shop: RunningProject, tmp_path: Path) -> None:
    shop.up()
    pid, supervisor = shop.ps()["web"]["pid"], shop.supervisor()
    where = Path(shop.env["XDG_RUNTIME_DIR"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    env = {**shop.env, "XDG_RUNTIME_DIR": str(elsewhere)}
    _is_refused(run_homeport("up", "-d", env=env, cwd=shop.root), where, supervisor)
    away = tmp_path / "away"
    where.rename(away)
    try:
        where.mkdir(mode=0o700)
        _is_refused(shop.homeport("up", "-d"), where, supervisor)
        shutil.rmtree(where)
    finally:
        away.rename(where)
    assert shop.ps()["web"]["pid"] == pid
    assert shop.homeport("stop").returncode == 0
    shop.up()


def _is_refused(refused: subprocess.CompletedProcess[str], where: Path, supervisor: int) -> None:
    assert refused.returncode == 1
    assert "run already, and cannot be asked from here" in refused.stderr
    assert f"{where}/homeport" in refused.stderr
    lock = refused.stderr.split("fuser ")[1].strip()
    held = Path(f"/proc/{supervisor}/fd").iterdir()
    assert lock in [str(descriptor.readlink()) for descriptor in held]


@pytest.mark.slow
def test_logs_are_kept_and_followed(shop: RunningProject) -> None:
    shop.up()
    assert "worker | working" in shop.homeport("logs", "worker").stdout
    shop.homeport("stop")
    kept = shop.homeport("logs", "web", "--json").stdout
    lines = [json.loads(line) for line in kept.splitlines()]
    assert any(line["text"].startswith("up on") for line in lines)
    for line in lines:
        validate(line, schema("up-1"))
    missing = shop.homeport("logs", "nobody")
    assert missing.returncode == 1
    assert "there are: web, worker" in missing.stderr


def test_a_service_that_dies_says_why(tmp_path: Path) -> None:
    declaration = """
    [services.web]
    run = "echo cannot read the settings >&2; exit 3"
    restart = "never"
    """
    with project(tmp_path, declaration) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        assert "ended with status 3" in done.stdout
        assert "cannot read the settings" in done.stdout
        page = shop.get("web.shop", headers=["Accept: text/plain"])
        assert "cannot read the settings" in page


def test_what_needs_a_failed_service_is_not_started(tmp_path: Path) -> None:
    declaration = """
    [services.db]
    run = "exit 1"
    restart = "never"

    [services.web]
    run = "python3 server.py"
    needs = ["db"]
    """
    with project(tmp_path, declaration) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        assert "needs db, which failed" in done.stdout


@pytest.mark.slow
def test_references_and_exports_reach_the_program(tmp_path: Path) -> None:
    declaration = """
    [services.api]
    run = "python3 server.py"

    [services.web]
    run = "python3 server.py"
    env = { SAYS = "${api.url} ${api.port}" }
    """
    with project(tmp_path, declaration) as shop:
        shop.up()
        port = shop.ps()["api"]["port"]
        assert shop.get("web.shop") == f"http://127.0.0.1:{port} {port} /"
        printed = shop.homeport("env").stdout
        assert f"export API_URL=http://127.0.0.1:{port}" in printed
        asked = 'import os; print(os.environ["API_URL"])'
        done = shop.homeport("exec", "--", "python3", "-c", asked)
        assert done.stdout == f"http://127.0.0.1:{port}\n"


@pytest.mark.slow
def test_env_is_written_for_its_user_alone(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("env", "--write", "test.env")
    assert done.returncode == 0, done.stderr
    written = shop.root / "test.env"
    assert written.stat().st_mode & 0o777 == 0o600
    assert "WEB_URL=" in written.read_text()


@pytest.mark.slow
def test_a_service_on_demand_starts_when_somebody_asks(tmp_path: Path) -> None:
    with project(tmp_path, WEB + "lazy = true\n") as shop:
        shop.up()
        assert shop.ps()["web"]["state"] == "stopped"
        assert shop.get("web.shop") == "hello /"
        assert shop.ps()["web"]["state"] == "ready"


@pytest.mark.slow
def test_a_wanted_port_that_is_taken_says_by_whom(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as other:
        other.up()
        port = other.ps()["web"]["port"]
        with project(tmp_path / "second", f"{WEB}port = {port}\n") as shop:
            done = shop.homeport("up", "-d")
            assert done.returncode == 1
            assert str(port) in done.stderr


@pytest.mark.slow
def test_open_prints_the_address(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("open", "--print")
    assert done.stdout == f"http://web.shop.localhost:{shop.gateway_port}\n"
    assert shop.homeport("open", "worker", "--print").returncode == 1


def test_nothing_to_run_says_what_to_do(tmp_path: Path) -> None:
    with project(tmp_path) as shop:
        (shop.root / "server.py").unlink()
        done = shop.homeport("up")
        assert done.returncode in {1, 2}
        assert "homeport.toml" in done.stderr


def test_a_dry_run_shows_the_plan(shop: RunningProject) -> None:
    done = shop.homeport("up", "--dry-run", "--json")
    plan = json.loads(done.stdout)
    validate(plan, schema("plan-1"))
    assert [each["name"] for each in plan["services"]] == ["web", "worker"]
    assert shop.ps() == {}
    assert "python3 server.py" in shop.homeport("up", "-n").stdout


@pytest.mark.slow
def test_a_service_is_restarted_when_a_file_changes_that_it_watches(tmp_path: Path) -> None:
    declaration = WEB + 'watch = ["*.py"]\n'
    with project(tmp_path, declaration) as shop:
        shop.up()
        first = shop.ps()["web"]["pid"]
        shop.write("notes.txt", "not watched")

        def noticed() -> bool:
            # Again and again, as nobody tells when the watcher has begun to look.
            shop.write("server.py", SERVER + "\n")
            return "files have changed" in shop.homeport("logs", "web").stdout

        wait_until(noticed, seconds=20, what="web's restart")
        wait_until(lambda: shop.ps_of("web") == "ready", what="web to be ready again")
        assert shop.ps()["web"]["pid"] != first


@pytest.mark.slow
def test_run_gives_one_command_a_port_and_a_name(tmp_path: Path) -> None:
    with project(tmp_path) as shop:
        argv = [*homeport_command()[0], "run", "--name", "docs", "--", "python3", "server.py"]
        env = {**os.environ, **shop.env}
        with spawn(argv, ready=r"up on [0-9]+", cwd=shop.root, env=env) as running:
            wait_until(lambda: shop.ps_of("docs") == "ready", what="docs to be ready")
            assert shop.get("docs.shop") == "hello /"
            os.kill(running.pid, signal.SIGTERM)
            running.process.wait(20)
        done = shop.homeport("run", "--", "sh", "-c", "exit 7")
        assert done.returncode == 7
        assert shop.homeport("run", "--", "no-such-program").returncode == 127


@pytest.mark.slow
def test_a_name_that_another_directory_has_is_said(tmp_path: Path) -> None:
    with project(tmp_path / "one", WEB) as first, project(tmp_path / "two", WEB) as second:
        second.env |= {key: first.env[key] for key in ("XDG_RUNTIME_DIR", "HOMEPORT_PORT")}
        first.up()
        second.up()
        assert "is a service of another directory" in second.homeport("ps").stdout
        second.homeport("stop", "--now")


@pytest.mark.slow
def test_a_guarded_service_takes_no_request_from_another_site(tmp_path: Path) -> None:
    with project(tmp_path, WEB + "guarded = true\n") as shop:
        shop.up()
        assert shop.get("web.shop") == "hello /"
        refused = shop.get("web.shop", headers=["Origin: http://evil.example"])
        assert "hello" not in refused


@pytest.mark.slow
def test_all_projects_are_stopped_at_once(tmp_path: Path) -> None:
    with (
        project(tmp_path / "one", WEB) as first,
        project(tmp_path / "two", WEB, name="inn") as second,
    ):
        second.env |= {key: first.env[key] for key in ("XDG_RUNTIME_DIR", "HOMEPORT_PORT")}
        first.up()
        second.up()
        stopped = json.loads(second.homeport("stop", "--all", "--json").stdout)
        validate(stopped, schema("ps-1"))
        assert {each["name"] for each in stopped["projects"]} == {"shop", "inn"}
        assert first.homeport("ps", "--all").stderr.startswith("homeport: no services run")
        assert second.homeport("stop", "--all", "web").returncode == 2


@pytest.mark.slow
def test_a_worker_that_ends_at_once_is_not_ready(tmp_path: Path) -> None:
    worker = "[services.worker]\nrun = 'exit 3'\nport = false\nrestart = 'never'\n"
    with project(tmp_path, worker) as shop:
        done = shop.homeport("up", "-d")
        assert done.returncode == 1
        assert "ended with status 3" in done.stdout


def test_programs_beside_the_services_get_what_the_project_sets(tmp_path: Path) -> None:
    declaration = '[env]\nSTAGE = "test of ${web.port}"\n' + WEB
    with project(tmp_path, declaration, files={".env": "SECRET=1\n"}) as shop:
        shop.up()
        port = shop.ps()["web"]["port"]
        printed = json.loads(shop.homeport("env", "--json").stdout)["variables"]
        assert printed["STAGE"] == f"test of {port}"
        assert printed["SECRET"] == "1"
        assert "PATH" not in printed


@pytest.mark.slow
def test_a_second_up_in_the_foreground_says_whose_the_services_are(shop: RunningProject) -> None:
    shop.up()
    done = shop.homeport("up")
    assert done.returncode == 0
    assert f"They run already (supervisor {shop.supervisor()})" in done.stdout
