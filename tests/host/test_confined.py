"""Programs of real cgroups, and the logs of denials."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from homeport.host.confined import confinement, drops
from homeport.host.conntrack import refusals, tracking
from homeport.host.kernel_log import denials
from homeport.host.policy_routing import is_tunnel, policy_rules, way_to
from homeport.host.unit_limits import unit_limits
from homeport.wire.frames import syn
from tests.faults.cgroup_programs import cgroup
from tests.see.diagnose.recorded_denials import APPARMOR, CLIENT, HTTPD
from tests.support import need, network_namespace, spawn

if TYPE_CHECKING:
    from pathlib import Path

FRAME = syn(("127.0.0.1", 40000), ("127.0.0.1", 8000))


@pytest.mark.root
def test_the_programs_of_a_cgroup_are_found_and_asked() -> None:
    with (
        cgroup("ingress", "connect4") as within,
        spawn(within.command("sh", "-c", "echo ready; exec sleep 60"), ready="ready") as process,
    ):
        found = confinement(process.pid)
        assert found.cgroup == f"/{within.place.name}"
        programs = [each for each in found.programs or () if each.cgroup == found.cgroup]
        assert [(each.name, each.hook) for each in programs] == [
            ("sd_fw_ingress", "ingress"),
            ("no_connect", "connect4"),
        ]
        assert [drops(each, FRAME) for each in programs] == [True, None]
        assert drops(programs[0], syn(("::1", 1), ("::1", 2))) is True


def test_what_is_hidden_or_gone_is_none(tmp_path: Path) -> None:
    found = confinement(1, proc=str(tmp_path))
    assert (found.cgroup, found.programs, found.seccomp) == (None, None, None)
    assert tracking(str(tmp_path)) is None
    assert refusals(str(tmp_path)) is None


def test_we_see_ourselves() -> None:
    assert confinement(os.getpid()).seccomp is not None


def test_denials_of_late_come_from_both_logs(tmp_path: Path) -> None:
    now = str(int(time.time()))
    kernel, audit = tmp_path / "kmsg", tmp_path / "audit.log"
    kernel.write_text(f"6,1,2,-;{APPARMOR.replace('1700000099', now)}\n", encoding="ascii")
    audit.write_text(f"{HTTPD}\n{CLIENT.replace('1700000098', now)}\nx\n", encoding="ascii")
    found = denials(60_000_000_000, str(kernel), str(audit))
    assert found is not None
    assert {each.module for each in found} == {"SELinux", "AppArmor"}
    assert len(found) == 2
    assert denials(1, str(tmp_path / "none"), str(tmp_path / "none")) is None


def test_ways_and_rules_of_this_machine() -> None:
    need("ip", package="iproute2")
    rules = policy_rules()
    assert rules is not None
    assert any(each.table == "local" for each in rules)
    way = way_to("127.0.0.1")
    assert way is not None
    assert way.interface == "lo"
    assert not is_tunnel("lo")


@pytest.mark.root
def test_a_tunnel_is_told_from_other_interfaces() -> None:
    with network_namespace() as namespace:
        namespace.run("ip", "tuntap", "add", "dev", "tun9", "mode", "tun")
        code = (
            "from homeport.host.policy_routing import *; print(is_tunnel('tun9'), is_tunnel('lo'))"
        )
        assert namespace.run(sys.executable, "-c", code).stdout == "True False\n"


def test_without_systemd_there_are_no_limits_of_a_unit() -> None:
    assert unit_limits("-H") is None


@pytest.mark.root
def test_the_kernel_writes_no_further_than_our_memory_goes() -> None:
    # The C library's allocator aborts where the word behind an object was written.
    code = (
        "import os\n"
        "from homeport.host.confined import confinement\n"
        "from homeport.host.traffic_control import crossing\n"
        "for _ in range(20): confinement(os.getpid()), crossing('lo')\nprint('ok')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
