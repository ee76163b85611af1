"""Shells, screens, proxies, names and directories: what is found out, and what they noticed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.see.identify.asking import identity_at
from tests.support import leased_port, need, spawn, wait_until


def test_sshd_loses_a_connection_and_nothing_else(tmp_path: Path) -> None:
    sshd, port = need("sshd", package="openssh-server"), leased_port()
    key = tmp_path / "key"
    keygen = need("ssh-keygen", package="openssh-client")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    configuration = tmp_path / "sshd_config"
    configuration.write_text(f"HostKey {key}\nPidFile none\nListenAddress 127.0.0.1\nUsePAM no\n")
    with spawn([sshd, "-D", "-e", "-f", str(configuration), "-p", str(port)], ready=port) as server:
        found = identity_at(port)
        server.wait_for("Connection closed by 127.0.0.1")
    assert found is not None
    assert (found.protocol, found.product) == ("ssh", "OpenSSH")
    assert re.fullmatch(r"[\d.]+p\d+", found.version or "")


def test_an_x_server_that_does_not_start_over_refuses() -> None:
    xvfb, port = need("Xvfb", package="xvfb"), leased_port()
    with spawn([xvfb, *x_options(port), "-noreset"], ready=port):
        found = identity_at(port)
    assert found is not None
    assert (found.protocol, found.product) == ("x11", "Xvfb")
    assert found.evidence[0] == (
        'to an X11 setup of no known version it said X11 and "Protocol version mismatch"'
    )


def test_an_x_server_that_would_end_with_a_client_has_never_had_one() -> None:
    xvfb, port = need("Xvfb", package="xvfb"), leased_port()
    with spawn([xvfb, *x_options(port), "-terminate"], ready=port) as server:
        found = identity_at(port)
        assert identity_at(port) == found
        be_an_x_client(port)
        wait_until(lambda: server.process.poll() is not None, what="the end of the X server")
    assert found is not None
    assert (found.protocol, found.certainty) == ("x11", "likely")
    assert found.evidence[1].startswith("not connected to: an X server without clients")


def x_options(port: int) -> list[str]:
    """A display that is only a TCP port: the protocol adds 6000 to its number."""
    number = f":{port - 6000}"
    return [number, "-ac", "-listen", "tcp", "-nolisten", "unix", "-nolisten", "local"]


def be_an_x_client(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"l\0\x0b\0\0\0\0\0\0\0\0\0")
        assert client.recv(1) == b"\x01"


def test_a_vnc_server_is_heard_though_it_greets_late() -> None:
    x11vnc, port = need("x11vnc", package="x11vnc"), leased_port()
    screen = "map:/dev/zero@64x64x32"
    argv = [x11vnc, "-rawfb", screen, "-localhost", "-rfbport", str(port), "-no6", "-nopw"]
    with spawn(argv, ready=port) as server:
        found = identity_at(port)
        assert server.process.poll() is None  # it ends with its first viewer
        assert "ClientInit" not in server.output
    assert found is not None
    assert (found.protocol, found.product, found.certainty) == ("vnc", "x11vnc", "sure")
    assert "RFB 3.8" in found.evidence[0]


def test_a_socks_proxy_connects_nowhere() -> None:
    microsocks, port = need("microsocks", package="microsocks"), leased_port()
    with spawn([microsocks, "-i", "127.0.0.1", "-p", str(port)], ready=port) as server:
        found = identity_at(port)
        assert "connected" not in server.output  # it logs where it connects to
    assert found is not None
    assert (found.protocol, found.product) == ("socks5", "microsocks")
    assert "without authentication" in found.evidence[0]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_dnsmasq_tells_its_version_and_asks_nobody(transport: str) -> None:
    dnsmasq, port = need("dnsmasq", package="dnsmasq-base"), leased_port()
    argv = [dnsmasq, "-p", str(port), "--pid-file=", "--log-queries", "--log-facility=-"]
    argv += ["-k", "-a", "127.0.0.1", "--bind-interfaces", "-C", "/dev/null", "-R", "-h"]
    if os.geteuid() == 0:
        argv += ["-u", "root"]
    with spawn(argv, ready=port) as server:
        found = identity_at(port, transport)
        server.wait_for("config version.bind is")
        assert "forwarded" not in server.output
        version = server.wait_for(r"started, version (\S+)")[1]
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("dns", "dnsmasq", version)
    assert found.certainty == "sure"


def test_a_directory_is_searched_at_its_root_and_left_by_unbind(tmp_path: Path) -> None:
    slapd, port = need("slapd", package="slapd"), leased_port()
    configuration = tmp_path / "slapd.conf"
    configuration.write_text("include /etc/ldap/schema/core.schema\n")
    argv = [slapd, "-h", f"ldap://127.0.0.1:{port}", "-f", str(configuration), "-d", "256"]
    with spawn(argv, ready=port) as server:
        found = identity_at(port)
        server.wait_for("UNBIND")
        assert "BIND dn=" not in server.output
    assert found is not None
    assert (found.protocol, found.product) == ("ldap", "OpenLDAP")
    assert found.evidence[0] == "to a search for the rootDSE it said its rootDSE"
