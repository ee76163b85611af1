"""`up` in awkward moments: while it stops, while it changes, when whoever asked is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.running import processes_of, project
from tests.support import homeport_command, leased_port, run_homeport, socket_ends, wait_until
from tests.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.running import RunningProject

WEB = """
[services.web]
run = "python3 server.py"
"""
SLOW_TO_END = """
import os, signal, sys, time
def end(*_):
    while os.path.exists("wait"):
        time.sleep(0.01)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("slow is up", flush=True)
while True:
    signal.pause()
"""
SLOW = """
[services.slow]
run = "exec python3 slow.py"
port = false
"""


def states(shop: RunningProject) -> dict[str, str]:
    return {name: each["state"] for name, each in shop.ps().items()}


def begin(shop: RunningProject, *words: str) -> subprocess.Popen[str]:
    """A command that goes on meanwhile."""
    return subprocess.Popen(
        [*homeport_command()[0], *words],
        cwd=shop.root,
        env={**os.environ, **shop.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_ctrl_c_ends_also_what_somebody_may_ask_for(tmp_path: Path) -> None:
    with project(tmp_path, f"{WEB}lazy = true\n") as shop:
        with shop.foreground(ready="on demand") as running:
            os.kill(running.pid, signal.SIGINT)
            assert running.process.wait(20) == 0
        assert shop.ps() == {}


@pytest.mark.slow
def test_a_change_of_all_services_does_not_end_the_foreground(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as shop, shop.foreground(ready="web ready") as running:
        shop.write("homeport.toml", f'{WEB}env = {{ SAYS = "good day" }}\n')
        assert shop.homeport("up", "-d").returncode == 0
        assert running.process.poll() is None
        assert shop.get("web.shop") == "good day /"


def test_a_service_that_there_is_not_starts_nothing(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as shop:
        for words in (("up", "nobody"), ("up", "-d", "nobody")):
            done = shop.homeport(*words)
            assert done.returncode == 2, done.stderr
            assert "there is no service 'nobody'" in done.stderr
            assert "Traceback" not in done.stderr + shop.complaints()
        assert shop.ps() == {}


@pytest.mark.slow
def test_a_change_is_done_to_its_end_when_whoever_asked_is_gone(tmp_path: Path) -> None:
    with project(tmp_path, SLOW, files={"slow.py": SLOW_TO_END, "wait": ""}) as shop:
        shop.up()
        shop.write("homeport.toml", f'{SLOW}env = {{ NEW = "yes" }}\n')
        asking = begin(shop, "up", "-d")
        wait_until(lambda: states(shop) == {"slow": "stopping"})
        asking.kill()
        asking.communicate()
        (shop.root / "wait").unlink()
        wait_until(lambda: states(shop) == {"slow": "ready"})
        assert "NEW=yes" in shop.homeport("env", "slow").stdout


@pytest.mark.slow
def test_what_is_started_while_it_becomes_another_one_waits_for_that(tmp_path: Path) -> None:
    with project(tmp_path, SLOW, files={"slow.py": SLOW_TO_END, "wait": ""}) as shop:
        shop.up()
        shop.write("homeport.toml", f'{SLOW}env = {{ NEW = "yes" }}\n')
        asking = begin(shop, "up", "-d")
        wait_until(lambda: states(shop) == {"slow": "stopping"})
        restarting = begin(shop, "restart", "slow")
        again = begin(shop, "up", "-d")
        wait_until(lambda: restarting.poll() is not None or states(shop) == {"slow": "stopping"})
        (shop.root / "wait").unlink()
        for each in (asking, restarting, again):
            each.communicate(timeout=30)
        assert (asking.returncode, again.returncode) == (0, 0)
        assert "NEW=yes" in shop.homeport("env", "slow").stdout


@pytest.mark.slow
def test_an_up_that_comes_while_all_is_stopped_waits_for_that(tmp_path: Path) -> None:
    with project(tmp_path, SLOW, files={"slow.py": SLOW_TO_END, "wait": ""}) as shop:
        shop.up()
        first = shop.supervisor()
        stopping = begin(shop, "stop")
        wait_until(lambda: states(shop) == {"slow": "stopping"})
        assert "just being stopped" in shop.homeport("restart", "slow").stderr
        starting = begin(shop, "up", "-d")
        (shop.root / "wait").unlink()
        stopping.communicate(timeout=30)
        assert stopping.returncode == 0
        output, _ = starting.communicate(timeout=30)
        assert starting.returncode == 0, output
        assert states(shop) == {"slow": "ready"}
        assert shop.supervisor() != first


def not_yet_taken(pid: int) -> int:
    """How many conversations with a supervisor the kernel has taken, and not yet it."""
    told = run_homeport("ls", "--unix", "--pid", str(pid), "--json").stdout
    (listener,) = json.loads(told)["unix_listeners"]
    return int(listener["queue"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "conversations"), [(("up", "-d"), 2), (("stop",), 1), (("restart",), 1)]
)
def test_what_is_asked_of_a_supervisor_that_ends_without_hearing_it(
    tmp_path: Path, words: tuple[str, ...], conversations: int
) -> None:
    with project(tmp_path, WEB) as shop:
        shop.up()
        first = shop.supervisor()
        os.kill(first, signal.SIGSTOP)
        try:
            asking = begin(shop, *words)
            wait_until(lambda: not_yet_taken(first) == conversations)
        finally:
            os.kill(first, signal.SIGKILL)
        output, _ = asking.communicate(timeout=30)
        if words == ("up", "-d"):
            assert asking.returncode == 0, output
            assert states(shop) == {"web": "ready"}
            assert shop.supervisor() != first
        else:
            assert "the supervisor has just ended" in output
            assert (asking.returncode, shop.ps()) == (1, {})


@pytest.mark.slow
def test_all_are_stopped_where_one_of_them_has_just_ended(tmp_path: Path) -> None:
    slow_to_end = {"slow.py": SLOW_TO_END, "wait": ""}
    with (
        project(tmp_path, SLOW, name="a", files=slow_to_end) as first,
        project(tmp_path, WEB, name="b") as second,
        project(tmp_path, WEB, name="c") as third,
    ):
        for each in (first, second, third):
            each.env["HOMEPORT_PORT"] = first.env["HOMEPORT_PORT"]
            each.up()
        ends = second.supervisor()
        stopping = begin(first, "stop", "--all")
        wait_until(lambda: states(first) == {"slow": "stopping"})
        os.kill(ends, signal.SIGSTOP)
        try:
            (first.root / "wait").unlink()
            wait_until(lambda: not_yet_taken(ends) == 1)
        finally:
            os.kill(ends, signal.SIGKILL)
        output, _ = stopping.communicate(timeout=30)
        assert stopping.returncode == 0, output
        assert third.ps() == {}


@pytest.mark.slow
def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with project(tmp_path, SLOW, files={"slow.py": SLOW_TO_END, "wait": ""}) as shop:
        with shop.foreground(ready="slow ready") as running:
            running.wait_for("slow is up")
            os.kill(running.pid, signal.SIGTERM)
            running.wait_for("slow stopping")
            os.kill(running.pid, signal.SIGTERM)
            assert running.process.wait(8) == 0
        assert shop.ps() == {}


@pytest.mark.slow
def test_the_end_of_its_reader_ends_up_in_good_order(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as shop:
        running = begin(shop, "up")
        assert running.stdout is not None
        while "web ready" not in running.stdout.readline():
            pass
        running.stdout.close()
        shop.get("web.shop")
        shop.homeport("restart")  # there has to be something to print
        assert running.wait(20) == 0
        assert shop.ps() == {}


@pytest.mark.slow
def test_services_come_up_also_when_their_starter_is_killed(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as shop:
        starting = begin(shop, "up", "-d")
        wait_until(lambda: shop.ps() != {}, what="a supervisor")
        starting.kill()
        starting.communicate()
        wait_until(lambda: states(shop) == {"web": "ready"})


@pytest.mark.slow
def test_a_change_that_fails_keeps_every_port(tmp_path: Path) -> None:
    port, other = leased_port(), leased_port()
    with project(tmp_path, f"{WEB}port = {port}\n") as shop:
        shop.up()
        pid = shop.ps()["web"]["pid"]
        broken = f'{WEB}port = {other}\nenv = {{ SAYS = "${{web.nothing}}" }}\n'
        shop.write("homeport.toml", broken)
        done = shop.homeport("up", "-d")
        assert done.returncode == 2
        assert "nothing" in done.stderr
        leased = shop.homeport("lease", "--list").stdout
        assert str(port) in leased
        assert str(other) not in leased
        shop.write("homeport.toml", f"{WEB}port = {port}\n")
        shop.up()
        assert shop.ps()["web"]["pid"] == pid


@pytest.mark.slow
def test_two_services_change_their_ports_with_each_other(tmp_path: Path) -> None:
    port, other = leased_port(), leased_port()
    declaration = WEB + "port = {}\n" + WEB.replace("web", "api") + "port = {}\n"
    with project(tmp_path, declaration.format(port, other)) as shop:
        shop.up()
        shop.write("homeport.toml", declaration.format(other, port))
        shop.up()
        found = {name: (each["port"], each["state"]) for name, each in shop.ps().items()}
        assert found == {"web": (other, "ready"), "api": (port, "ready")}
        assert shop.get("web.shop") == "hello /"
        shop.write("homeport.toml", WEB + f"port = {port}\n")
        shop.up()
        assert shop.ps()["web"]["port"] == port
        assert str(other) not in shop.homeport("lease", "--list").stdout


@pytest.mark.slow
def test_nohup_is_heeded(tmp_path: Path) -> None:
    with project(tmp_path, WEB) as shop:
        argv = ["nohup", *homeport_command()[0], "up"]
        with subprocess.Popen(
            argv,
            cwd=shop.root,
            env={**os.environ, **shop.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            wait_until(lambda: states(shop) == {"web": "ready"})
            running.send_signal(signal.SIGHUP)
            shop.homeport("restart", "web")
            assert running.poll() is None
            running.send_signal(signal.SIGTERM)
            assert running.wait(20) == 0
        wait_until(lambda: len(processes_of(shop)) <= 1)


@pytest.mark.slow
def test_a_window_that_is_closed_ends_all_of_it(tmp_path: Path) -> None:
    chatty = '[services.chatty]\nrun = "while :; do echo x; sleep 0.01; done"\nport = false\n'
    with project(tmp_path, WEB + chatty) as shop:
        with terminal([*homeport_command()[0], "up"], cwd=shop.root, env=shop.env) as screen:
            screen.sees("web .*ready")
            screen.hang_up()
        wait_until(lambda: len(processes_of(shop)) <= 1, what="the end of all but the gateway")


@pytest.mark.slow
def test_a_gateway_that_is_lost_while_all_is_stopped_stays_lost(tmp_path: Path) -> None:
    with project(tmp_path, WEB + SLOW, files={"slow.py": SLOW_TO_END, "wait": ""}) as shop:
        shop.up()
        (gateway,) = shop.gateways()
        up_s = time.monotonic()
        stopping = begin(shop, "stop")
        wait_until(lambda: states(shop) == {"slow": "stopping", "web": "stopped"})
        # Only one that was there for a second is started again at once.
        wait_until(lambda: time.monotonic() - up_s > 1, what="a gateway of some age")
        os.kill(gateway, signal.SIGKILL)
        wait_until(lambda: gateway not in processes_of(shop))
        for _ in range(2):  # what was asked second is answered after the loss was dealt with
            assert states(shop)["slow"] == "stopping"
        assert shop.gateways() == []
        (shop.root / "wait").unlink()
        stopping.communicate(timeout=30)
        assert stopping.returncode == 0
        wait_until(lambda: processes_of(shop) == [], what="the end of all processes")


@pytest.mark.slow
def test_services_go_on_where_nobody_reads_what_they_print(tmp_path: Path) -> None:
    chatty = '[services.chatty]\nrun = "seq 1 40000; touch done; exec sleep 600"\nport = false\n'
    argv = [*homeport_command()[0], "up"]
    with (
        project(tmp_path, WEB + chatty) as shop,
        terminal(argv, cwd=shop.root, env={**shop.env, "NO_COLOR": "1"}) as screen,
    ):
        wait_until((shop.root / "done").exists, seconds=30, what="all that is printed")
        wait_until(lambda: shop.ps_of("web") == "ready")
        assert shop.get("web.shop") == "hello /"
        screen.sees("39999\r\n.*40000\r\n")
        screen.press("\x03")
        screen.sees("web .*stopped")
        assert screen.ends() == 0


@pytest.mark.slow
@pytest.mark.parametrize("ends", [os.pipe, socket_ends])
def test_what_was_not_read_in_time_is_counted_and_the_rest_waits_for_its_reader(
    tmp_path: Path, ends: Callable[[], tuple[int, int]]
) -> None:
    prints = "seq -f %0900.0f 1 20000; touch done; exec sleep 600"
    with project(tmp_path, f'[services.chatty]\nrun = "{prints}"\nport = false\n') as shop:
        argv = [*homeport_command()[0], "up", "--json"]
        env = {**os.environ, **shop.env}
        reading, writing = ends()
        with subprocess.Popen(argv, cwd=shop.root, env=env, stdout=writing) as running:
            os.close(writing)
            running.stdout = os.fdopen(reading, "rb")
            wait_until((shop.root / "done").exists, seconds=30, what="all that is printed")
            assert shop.homeport("stop").returncode == 0
            told = [json.loads(line) for line in running.communicate(timeout=30)[0].splitlines()]
        assert running.returncode == 0
    *lines, last = [each["text"] for each in told if each["event"] == "line"]
    assert [int(each) for each in lines] == list(range(1, len(lines) + 1))
    left_out = 20_000 - len(lines)
    assert left_out > 5000
    assert (
        last == f"-- {left_out} lines were not read in time; homeport logs chatty shows the latest"
    )
    changes = [each["service"]["state"] for each in told if each["event"] == "change"]
    assert changes[-1] == "stopped"


@pytest.mark.slow
def test_services_do_not_notice_that_their_starter_is_suspended(tmp_path: Path) -> None:
    many = "".join(
        f"[services.s{number}]\nrun = \"printf '%0400d' 1; echo; exec sleep 600\"\nport = false\n"
        for number in range(60)
    )
    with project(tmp_path, many) as shop:
        starting = begin(shop, "up", "-d")
        wait_until(lambda: shop.ps() != {}, what="a supervisor")
        starting.send_signal(signal.SIGSTOP)
        wait_until(lambda: set(states(shop).values()) == {"ready"}, seconds=30)
        starting.send_signal(signal.SIGCONT)
        starting.communicate(timeout=30)
        assert starting.returncode == 0


@pytest.mark.slow
def test_whoever_waits_hears_of_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    unready = '[services.web]\nrun = "exec sleep 600"\nport = false\nready = "log:never"\n'
    with project(tmp_path, unready) as shop:
        starting = begin(shop, "up", "-d")
        wait_until(lambda: states(shop) == {"web": "starting"})
        joining = begin(shop, "restart")
        os.kill(shop.supervisor(), signal.SIGKILL)
        for each, words in ((starting, "ended before it was done"), (joining, "homeport: ")):
            output, _ = each.communicate(timeout=30)
            assert each.returncode == 1
            assert words in output
            assert "Traceback" not in output
        shop.write("homeport.toml", WEB)
        shop.up()
        assert states(shop) == {"web": "ready"}
