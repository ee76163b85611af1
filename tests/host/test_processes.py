"""Real processes, the odd ones among them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from homeport.host.processes import ProcessReader, account, boot_time_ns, user_name
from homeport.model.process import Ancestor, Container
from homeport.wire.proc_pid import Activation
from tests.support import (
    NOBODY,
    _may_run,
    _python_for_all,
    _readable_library,
    as_user,
    has_ended,
    need,
    spawn,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.process import Process

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

SELF = os.getpid()
WAIT = "import sys, time; print('ready', flush=True); time.sleep(600)"

NAMED = """
import sys, time
with open("/proc/self/comm", "wb") as comm:
    comm.write(bytes.fromhex(sys.argv[1]))
print("ready", flush=True)
time.sleep(600)
"""

TITLED = """
import ctypes, sys, time
with open("/proc/self/stat") as stat:
    start, end = map(int, stat.read().rpartition(")")[2].split()[45:47])
title = sys.argv[1].encode()
ctypes.memset(start, int(sys.argv[2]), end - start - 1)
ctypes.memmove(start, title, len(title))
print("ready", flush=True)
time.sleep(600)
"""


def found(pid: int) -> Process:
    process = ProcessReader().process(pid)
    assert process is not None
    return process


def test_this_process_as_psutil_sees_it() -> None:
    ours, theirs = found(SELF), psutil.Process()
    assert ours.pid == SELF
    assert ours.name == theirs.name()
    assert ours.argv == tuple(theirs.cmdline())
    assert ours.exe == theirs.exe()
    assert ours.cwd == theirs.cwd()
    assert ours.uid == os.geteuid()
    assert ours.user == theirs.username()
    assert ours.started_ns is not None
    # psutil knows the boot to the second.
    assert abs(ours.started_ns / 1e9 - theirs.create_time()) < 1.1
    assert [each.pid for each in ours.ancestry or ()] == [each.pid for each in theirs.parents()]
    assert [each.argv for each in ours.ancestry or ()] == [
        tuple(each.cmdline()) for each in theirs.parents()
    ]


def test_start_ticks_are_field_22() -> None:
    with open("/proc/self/stat", encoding="ascii") as stat:
        field = stat.read().rpartition(")")[2].split()[19]
    assert found(SELF).start_ticks == int(field)


def test_without_facts_only_the_identity_is_read() -> None:
    brief, full = ProcessReader().process(SELF, facts=False), found(SELF)
    assert brief is not None
    assert brief.identity == full.identity
    assert (brief.name, brief.uid, brief.user) == (full.name, full.uid, full.user)
    assert (brief.argv, brief.exe, brief.cwd, brief.ancestry) == (None, None, None, None)
    assert brief.started_ns == pytest.approx(full.started_ns, abs=2e7)


@pytest.mark.parametrize(
    "name",
    [b"a b", b"x) S 1 (y", b"a\nb", b"\xff\xfe", b"\x1b[31mred", b"%s%n", b"fifteen bytes !"],
)
def test_a_name_may_hold_anything(name: bytes) -> None:
    with spawn([sys.executable, "-c", NAMED, name.hex()], ready="ready") as child:
        process = found(child.pid)
        assert process.name is not None
        assert os.fsencode(process.name) == name
        assert process.ancestry is not None
        assert process.ancestry[0].pid == SELF


def test_a_runtimes_word_for_its_first_thread_is_no_name() -> None:
    command = [sys.executable, "-c", NAMED, b"MainThread".hex()]
    with spawn(command, ready="ready") as child:
        program = os.path.basename(os.path.realpath(sys.executable))
        assert found(child.pid).name == program
        brief = ProcessReader().process(child.pid, facts=False)
        assert brief is not None
        assert brief.name == program


@pytest.mark.parametrize("filling", [0, ord(" ")])
def test_a_title_written_over_the_arguments(filling: int) -> None:
    command = [sys.executable, "-c", TITLED, "web: worker process", str(filling)]
    with spawn(command, ready="ready") as child:
        process = found(child.pid)
        assert process.argv is not None
        assert len(process.argv) == 1
        assert process.argv[0].rstrip() == "web: worker process"


def test_arguments_longer_than_a_page() -> None:
    words = [f"{number:05}" for number in range(5000)]
    with spawn([sys.executable, "-c", WAIT, *words], ready="ready") as child:
        assert found(child.pid).argv == (sys.executable, "-c", WAIT, *words)


def test_a_deleted_executable_and_a_deleted_directory(tmp_path: Path) -> None:
    program, directory = tmp_path / "program", tmp_path / "gone"
    shutil.copy(need("sleep", package="coreutils"), program)
    directory.mkdir()
    (tmp_path / "go.mod").touch()
    with spawn([str(program), "600"], cwd=directory) as child:
        wait_until(lambda: found(child.pid).exe == str(program))
        program.unlink()
        directory.rmdir()
        process = found(child.pid)
        assert process.exe == f"{program} (deleted)"
        assert process.cwd == f"{directory} (deleted)"
        # The program's own path still tells whose it is.
        assert process.project is not None
        assert process.project.root == str(tmp_path)


def test_the_project_of_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "package.json").touch()
    with spawn([sys.executable, "-c", WAIT], ready="ready", cwd=tmp_path) as child:
        project = found(child.pid).project
        assert project is not None
        assert (project.root, project.marker) == (str(tmp_path), "package.json")


def test_the_project_of_a_script_started_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    script = tmp_path / "serve.py"
    script.write_text(WAIT)
    with spawn([sys.executable, str(script)], ready="ready", cwd="/") as child:
        project = found(child.pid).project
        assert project is not None
        assert project.root == str(tmp_path)


def test_a_daemon_in_the_root_has_no_project() -> None:
    with spawn([need("sleep", package="coreutils"), "600"], cwd="/") as child:
        assert found(child.pid).project is None


@pytest.mark.root
def test_a_directory_of_another_root_is_not_looked_up_in_ours(tmp_path: Path) -> None:
    # The process sees /…/project as its own empty one; here it bears a marker.
    here = tmp_path / "project"
    here.mkdir()
    (here / "pyproject.toml").touch()
    script = (
        f"mount -t tmpfs none {tmp_path} && mkdir {here} && cd {here} && echo ready && sleep 600"
    )
    with spawn(
        [need("unshare", package="util-linux"), "-m", "sh", "-c", script], ready="ready"
    ) as child:
        process = found(child.pid)
        assert process.cwd == str(here)
        assert process.project is None


def test_a_zombie_has_no_arguments() -> None:
    child = subprocess.Popen([need("true", package="coreutils")])
    try:
        wait_until(lambda: has_ended(child.pid))
        process = found(child.pid)
        assert (process.argv, process.exe, process.cwd) == ((), None, None)
    finally:
        child.wait()
    assert ProcessReader().process(child.pid) is None


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1, 2**70])
@pytest.mark.parametrize("facts", [True, False])
def test_no_such_process(pid: int, facts: bool) -> None:  # noqa: FBT001
    assert ProcessReader().process(pid, facts=facts) is None


def test_the_first_process_has_no_ancestors() -> None:
    process = found(1)
    assert process.ancestry == ()
    assert process.argv


def test_the_ancestry_leads_to_the_first_process() -> None:
    ancestry = found(SELF).ancestry
    assert ancestry is not None
    assert ancestry[0].pid == os.getppid()
    assert ancestry[-1].pid == 1


def test_a_process_is_read_once() -> None:
    child = subprocess.Popen([need("sleep", package="coreutils"), "600"])
    try:
        reader = ProcessReader()
        first = reader.process(child.pid)
    finally:
        child.kill()
        child.wait()
    assert first is not None
    assert reader.process(child.pid) is first
    assert ProcessReader().process(child.pid) is None


def test_processes_that_end_while_they_are_read() -> None:
    sleep = need("sleep", package="coreutils")
    for _ in range(40):
        children = [subprocess.Popen([sleep, "0.002"]) for _ in range(5)]
        while any(child.poll() is None for child in children):
            for child in children:
                process = ProcessReader().process(child.pid)
                assert process is None or process.pid == child.pid


@pytest.mark.root
def test_what_another_user_may_see() -> None:
    argv, env = [sys.executable], {}
    if not _may_run(NOBODY):
        argv, env = [_python_for_all(NOBODY)], {"PYTHONPATH": _readable_library()}
    code = f"""if True:
        import json
        from homeport.host.processes import ProcessReader
        reader = ProcessReader()
        process = reader.process({SELF})
        print(json.dumps([process.name, process.argv, process.exe, process.cwd, process.user,
            reader.activation({SELF})]))
    """
    told = as_user(
        NOBODY, ["env", *(f"{key}={value}" for key, value in env.items()), *argv, "-c", code]
    )
    assert told.stderr == ""
    ours = found(SELF)
    assert json.loads(told.stdout) == [ours.name, list(ours.argv or ()), None, None, "root", None]


def test_users() -> None:
    own = pwd.getpwuid(os.geteuid())
    assert account(own.pw_uid) == (own.pw_name, own.pw_dir)
    assert user_name(own.pw_uid) == own.pw_name
    unused = next(uid for uid in range(70_000, 90_000) if not _has_entry(uid))
    assert user_name(unused) is None
    assert user_name(2**40) is None


def _has_entry(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def test_the_boot_is_that_of_the_kernel() -> None:
    with open("/proc/stat", encoding="ascii") as stat:
        (line,) = [line for line in stat if line.startswith("btime ")]
    assert abs(boot_time_ns() / 1e9 - int(line.split()[1])) < 1.1
    assert boot_time_ns() < time.time_ns()


def test_passed_sockets_are_those_of_the_process_itself() -> None:
    names = {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "a.socket:b.socket"}
    script = "export LISTEN_PID=$$; exec sleep 600"
    with spawn(["sh", "-c", script], env=os.environ | names) as child:
        wait_until(lambda: found(child.pid).name == "sleep")
        passed = ProcessReader().activation(child.pid)
        assert passed == Activation(child.pid, 2, ("a.socket", "b.socket"))
    inherited = names | {"LISTEN_PID": "1"}
    with spawn(["sleep", "600"], env=os.environ | inherited) as child:
        wait_until(lambda: found(child.pid).name == "sleep")
        assert ProcessReader().activation(child.pid) is None
    assert ProcessReader().activation(SELF) is None


def test_addresses_of_the_namespace() -> None:
    addresses = ProcessReader().addresses(SELF)
    assert "127.0.0.1" in addresses
    theirs = {
        entry.address.partition("%")[0] for each in psutil.net_if_addrs().values() for entry in each
    }
    assert addresses <= theirs | {"0.0.0.0"}
    assert ProcessReader().addresses(2**22 + 1) == frozenset()


# What follows is a /proc of our own making: kernels that we do not have, and pids reused at the
# wrong moment, cannot be had for a test.


class Proc:
    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, pid: int, *, parent: int, start: int = 100, **files: Any) -> None:
        place = self.root / str(pid)
        place.mkdir()
        fields = ["S", str(parent), *["0"] * 17, str(start), "0", "0"]
        (place / "stat").write_text(f"{pid} (p{pid}) {' '.join(fields)}\n")
        (place / "cmdline").write_bytes(files.get("cmdline", b"p%d\0" % pid))
        (place / "cgroup").write_bytes(files.get("cgroup", b"0::/\n"))

    def process(self, pid: int) -> Process | None:
        return ProcessReader(str(self.root), boot_ns=0).process(pid)

    def ancestry(self, pid: int) -> list[int]:
        process = self.process(pid)
        assert process is not None
        return [each.pid for each in process.ancestry or ()]


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


def test_started_is_boot_and_ticks(proc: Proc) -> None:
    proc.add(5, parent=0, start=250)
    process = ProcessReader(str(proc.root), boot_ns=7).process(5)
    assert process is not None
    assert process.started_ns == 7 + 250 * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def test_ancestors_carry_their_arguments(proc: Proc) -> None:
    proc.add(1, parent=0, cmdline=b"/sbin/init\0splash\0")
    proc.add(5, parent=1)
    process = proc.process(5)
    assert process is not None
    assert process.ancestry == (Ancestor(1, "p1", ("/sbin/init", "splash")),)


def test_a_loop_of_parents_ends(proc: Proc) -> None:
    proc.add(5, parent=6)
    proc.add(6, parent=7)
    proc.add(7, parent=5)
    assert proc.ancestry(5) == [6, 7, 5]
    proc.add(9, parent=9)
    assert proc.ancestry(9) == [9]


def test_a_parent_that_is_gone_ends_the_chain(proc: Proc) -> None:
    proc.add(5, parent=6)
    assert proc.ancestry(5) == []


def test_a_parent_younger_than_its_child_has_a_reused_pid(proc: Proc) -> None:
    proc.add(1, parent=0, start=1)
    proc.add(5, parent=6, start=100)
    proc.add(6, parent=1, start=101)
    assert proc.ancestry(5) == []


def test_a_chain_has_an_end(proc: Proc) -> None:
    for pid in range(2, 202):
        proc.add(pid, parent=pid - 1)
    assert len(proc.ancestry(201)) == 64


@pytest.mark.parametrize("broken", [b"", b"5", b"5 (x", b"5 (x) S", b"\xff" * 5000])
@pytest.mark.parametrize("facts", [True, False])
def test_a_broken_stat_is_no_process(proc: Proc, broken: bytes, facts: bool) -> None:  # noqa: FBT001
    proc.add(5, parent=0)
    (proc.root / "5" / "stat").write_bytes(broken)
    assert ProcessReader(str(proc.root), boot_ns=0).process(5, facts=facts) is None


@pytest.mark.parametrize("missing", ["stat", "cmdline"])
def test_a_process_that_vanishes_between_two_reads(proc: Proc, missing: str) -> None:
    proc.add(5, parent=0)
    (proc.root / "5" / missing).unlink()
    assert proc.process(5) is None


def test_without_cgroups_unit_and_container_are_unknown(proc: Proc) -> None:
    proc.add(5, parent=0)
    (proc.root / "5" / "cgroup").unlink()
    process = proc.process(5)
    assert process is not None
    assert (process.unit, process.container) == (None, None)


def test_unit_and_container(proc: Proc) -> None:
    number = "4c01db0b339c7a1e" * 4
    proc.add(5, parent=0, cgroup=f"0::/system.slice/docker-{number}.scope\n".encode())
    proc.add(6, parent=0, cgroup=b"0::/system.slice/nginx.service\n")
    contained, service = proc.process(5), proc.process(6)
    assert contained is not None
    assert contained.container == Container("docker", number)
    assert service is not None
    assert service.unit == "nginx.service"


@pytest.mark.root
def test_the_unit_of_a_real_cgroup() -> None:
    place = "/sys/fs/cgroup"
    if not os.path.exists(f"{place}/cgroup.controllers"):
        place = f"{place}/unified"
    if not os.path.exists(f"{place}/cgroup.procs"):
        pytest.skip("needs a mounted cgroup2 file system")
    unit = f"{place}/homeport-test-{SELF}.service"
    os.mkdir(unit)
    child = subprocess.Popen([need("sleep", package="coreutils"), "600"])
    try:
        with open(f"{unit}/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write(str(child.pid))
        assert found(child.pid).unit == os.path.basename(unit)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        os.rmdir(unit)
