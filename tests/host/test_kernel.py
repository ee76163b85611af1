import os
import socket
from pathlib import Path

import pytest

from homeport.host import kernel
from homeport.model.port import PortRange


def sysctls(root: Path, **values: str) -> str:
    for name, value in values.items():
        file = root / "sys/net" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value + "\n")
    return str(root)


def test_policy_of_this_kernel_holds_for_a_port_that_it_assigns() -> None:
    policy = kernel.port_policy()
    assert policy is not None
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        assert policy.assigns(sock.getsockname()[1])


def test_policy_reads_reserved_ranges_and_the_privileged_limit(tmp_path: Path) -> None:
    proc = sysctls(
        tmp_path,
        ipv4__ip_local_port_range="10000\t20000",
        ipv4__ip_local_reserved_ports="10080,11000-11010,junk,12-x",
        ipv4__ip_unprivileged_port_start="80",
    )
    policy = kernel.port_policy(proc)
    assert policy is not None
    assert policy.assigned == PortRange(10000, 20000)
    assert policy.reserved == (PortRange(10080, 10080), PortRange(11000, 11010))
    assert policy.unprivileged_from == 80
    assert policy.assigns(10081)
    assert not policy.assigns(11005)


def test_an_old_kernel_without_the_younger_settings(tmp_path: Path) -> None:
    policy = kernel.port_policy(sysctls(tmp_path, ipv4__ip_local_port_range="32768 60999"))
    assert policy is not None
    assert policy.unprivileged_from == 1024
    assert policy.reserved == ()


@pytest.mark.parametrize("text", ["", "1", "a b", "1 2 3"])
def test_a_range_that_cannot_be_read_is_no_policy(tmp_path: Path, text: str) -> None:
    assert kernel.port_policy(sysctls(tmp_path, ipv4__ip_local_port_range=text)) is None


def test_without_proc_nothing_is_guessed(tmp_path: Path) -> None:
    assert kernel.port_policy(str(tmp_path)) is None
    assert kernel.kernel_limits(str(tmp_path)) == (None, None, None, None, None)
    assert kernel.may_bind_any_port(str(tmp_path)) == (os.geteuid() == 0)


def test_capability_is_read_from_the_effective_set(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    status = tmp_path / "self/status"
    status.write_text("Name:\tx\nCapEff:\t0000000000000400\n")
    assert kernel.may_bind_any_port(str(tmp_path))
    status.write_text("Name:\tx\nCapEff:\tfffffffffffffbff\n")
    assert not kernel.may_bind_any_port(str(tmp_path))


def test_the_capability_says_what_bind_does() -> None:
    policy = kernel.port_policy()
    assert policy is not None
    if policy.unprivileged_from < 2:
        pytest.skip("this kernel lets everybody bind every port")
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", 1))
        except PermissionError:
            bound = False
        else:
            bound = True
    assert kernel.may_bind_any_port() == bound


def test_limits_of_this_kernel() -> None:
    limits = kernel.kernel_limits()
    assert limits.backlog_max is not None
    assert limits.backlog_max > 0
    assert limits.fin_timeout_s is not None
    assert limits.nonlocal_bind is not None


def test_a_missing_services_database_is_normal(tmp_path: Path) -> None:
    assert kernel.services_file(str(tmp_path / "services")) is None


def test_a_pipe_in_the_place_of_the_services_database_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "services")
    assert not kernel.services_file(str(tmp_path / "services"))


def test_own_addresses_hold_loopback() -> None:
    found = {(own.address, own.interface) for own in kernel.own_addresses()}
    assert ("127.0.0.1", "lo") in found or ("127.0.0.1", "lo0") in found
