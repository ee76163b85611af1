"""Cgroup paths as systemd, docker, podman, containerd, CRI-O, LXC and systemd-nspawn make them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.model.process import Container
from homeport.wire.cgroup import CgroupFacts, cgroup_facts, parse_cgroups, unescaped

ID = "4c01db0b339c7a1e" * 4
USER = "/user.slice/user-1000.slice/user@1000.service"
POD = "5a1c9e7e_8a0c_4b8e_9d3c_0f6a1d2b3c4d"
NOTHING = CgroupFacts(None, None)


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/", None),
        ("", None),
        ("/system.slice", None),
        ("/system.slice/nginx.service", "nginx.service"),
        ("/system.slice/system-postgresql.slice/postgresql@15.service", "postgresql@15.service"),
        ("/system.slice/docker.service/supervised", "docker.service"),
        ("/system.slice/cups.socket", "cups.socket"),
        (r"/system.slice/srv-my\x2ddata.mount", r"srv-my\x2ddata.mount"),
        ("/system.slice/_cpu.service", "cpu.service"),
        ("/system.slice/gone.service (deleted)", "gone.service"),
        ("/init.scope", "init.scope"),
        ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        (f"{USER}/app.slice/app-code-4711.scope", "app-code-4711.scope"),
        (f"{USER}/app.slice/web.service", "web.service"),
        (f"{USER}/init.scope", "user@1000.service"),
        (r"/machine.slice/machine-qemu\x2d1\x2ddebian.scope", r"machine-qemu\x2d1\x2ddebian.scope"),
    ],
)
def test_units(path: str, unit: str | None) -> None:
    assert cgroup_facts(path) == CgroupFacts(unit, None)


@pytest.mark.parametrize(
    ("path", "runtime", "number"),
    [
        (f"/docker/{ID}", "docker", ID),
        (f"/system.slice/docker-{ID}.scope", "docker", ID),
        (f"{USER}/user.slice/docker-{ID}.scope", "docker", ID),
        (f"/machine.slice/libpod-{ID}.scope", "podman", ID),
        (f"/machine.slice/libpod-{ID}.scope/container", "podman", ID),
        (f"{USER}/user.slice/libpod-{ID}.scope/container", "podman", ID),
        (f"/libpod_parent/libpod-{ID}", "podman", ID),
        (f"/kubepods.slice/kubepods-pod{POD}.slice/cri-containerd-{ID}.scope", "containerd", ID),
        (f"/system.slice/nerdctl-{ID}.scope", "containerd", ID),
        (f"/k8s.io/{ID}", "containerd", ID),
        (f"/kubepods.slice/kubepods-pod{POD}.slice/crio-{ID}.scope", "cri-o", ID),
        (f"/kubepods/burstable/pod{POD}/{ID}", "kubernetes", ID),
        (f"/kubepods/pod{POD}/crio-{ID}", "cri-o", ID),
        (f"/system.slice/kubepods-pod{POD}.slice:cri-containerd:{ID}", "containerd", ID),
        ("/lxc.payload.web", "lxc", "web"),
        ("/lxc/101/ns/system.slice/nginx.service", "lxc", "101"),
        (r"/machine.slice/machine-lxc\x2d7\x2dweb.scope", "lxc", "web"),
        (r"/machine.slice/machine-my\x2dbox.scope", "systemd-nspawn", "my-box"),
        # Docker within an LXC container: the one in which the process runs.
        (f"/lxc.payload.web/system.slice/docker-{ID}.scope", "docker", ID),
        (f"/docker/{ID} (deleted)", "docker", ID),
    ],
)
def test_containers(path: str, runtime: str, number: str) -> None:
    assert cgroup_facts(path).container == Container(runtime, number)


def test_the_scope_of_a_container_is_no_unit_that_says_anything() -> None:
    assert cgroup_facts(f"/system.slice/docker-{ID}.scope").unit is None
    assert cgroup_facts(f"{USER}/user.slice/libpod-{ID}.scope/container").unit == (
        "user@1000.service"
    )


def test_a_service_that_runs_a_container_is_its_unit() -> None:
    found = cgroup_facts(f"/system.slice/web.service/libpod-payload-{ID}")
    assert found == CgroupFacts("web.service", Container("podman", ID))


def test_units_within_a_container_are_those_of_another_service_manager() -> None:
    found = cgroup_facts("/machine.slice/systemd-nspawn@box.service/payload/system.slice/a.service")
    assert found == CgroupFacts("systemd-nspawn@box.service", Container("systemd-nspawn", "box"))


@pytest.mark.parametrize(
    "path",
    [
        "/docker",
        "/docker/buildkit",
        f"/docker/{ID[:-1]}",
        f"/docker/{ID.upper()}",
        f"/system.slice/docker-{ID[:12]}.scope",
        f"/machine.slice/libpod-conmon-{ID}.scope",
        "/lxc.monitor.web",
        "/lxc",
        f"/somewhere/{ID}",
        "/system.slice/containerd.service",
    ],
)
def test_what_only_looks_like_a_container(path: str) -> None:
    assert cgroup_facts(path).container is None


def test_version_1_lists_a_path_for_each_controller() -> None:
    data = f"12:pids:/docker/{ID}\n2:cpu,cpuacct:/\n1:name=systemd:/docker/{ID}\n0::/\n".encode()
    assert parse_cgroups(data) == CgroupFacts(None, Container("docker", ID))


def test_the_unit_is_that_of_systemds_own_hierarchy() -> None:
    data = b"9:memory:/elsewhere/b.service\n1:name=systemd:/system.slice/a.service\n0::/\n"
    assert parse_cgroups(data).unit == "a.service"


def test_version_2_has_one_line() -> None:
    assert parse_cgroups(b"0::/system.slice/a.service\n").unit == "a.service"


def test_a_path_may_hold_colons() -> None:
    data = f"0::/system.slice/kubepods-pod{POD}.slice:cri-containerd:{ID}\n".encode()
    assert parse_cgroups(data).container == Container("containerd", ID)


@pytest.mark.parametrize("data", [b"", b"\n", b"0:\n", b"nonsense", b"\xff\xff:\xff:\xff"])
def test_broken_files_say_nothing(data: bytes) -> None:
    assert parse_cgroups(data) == NOTHING


@given(st.text(alphabet="/abc.-_:@\\x2d(deleted) dockerlibpodlxcmachine", max_size=120))
@example("/machine-.scope")
@example("/machine-lxc.scope")
@example("/lxc/")
@example("/systemd-nspawn@.service")
@example("/lxc.payload.")
def test_no_path_is_too_odd(path: str) -> None:
    found = cgroup_facts(path)
    assert found.unit != ""
    assert found.container is None or found.container.id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (r"my\x2dbox", "my-box"),
        (r"\x2d\x2f", "-/"),
        ("plain", "plain"),
        (r"\x2", r"\x2"),
        (r"\xzz", r"\xzz"),
        ("", ""),
    ],
)
def test_escapes(name: str, expected: str) -> None:
    assert unescaped(name) == expected
