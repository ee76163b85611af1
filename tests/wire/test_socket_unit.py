"""Socket units, as Debian and Ubuntu ship them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Endpoint, Transport
from homeport.wire.socket_unit import SocketUnit, parse_socket_unit

SSH = """[Unit]
Description=OpenBSD Secure Shell server socket
ConditionPathExists=!/etc/ssh/sshd_not_to_be_run

[Socket]
ListenStream=22
Accept=no

[Install]
WantedBy=sockets.target
"""


def tcp(address: str, port: int) -> Endpoint:
    return Endpoint(Transport.TCP, address, port)


def test_a_unit() -> None:
    assert parse_socket_unit("ssh.socket", [SSH]) == SocketUnit(
        "ssh.socket", "ssh.service", streams=("22",)
    )


def test_a_drop_in_replaces_what_it_empties() -> None:
    addresses = "[Socket]\nListenStream=\nListenStream=0.0.0.0:2222\nListenStream=[::]:2222\n"
    found = parse_socket_unit("ssh.socket", [SSH, addresses])
    assert found.streams == ("0.0.0.0:2222", "[::]:2222")


def test_a_unit_names_its_service() -> None:
    found = parse_socket_unit("web.socket", ["[Socket]\nListenStream = 80\nService = app.service"])
    assert found == SocketUnit("web.socket", "app.service", ("80",))


def test_each_connection_may_get_an_instance_of_its_own() -> None:
    found = parse_socket_unit("echo.socket", ["[Socket]\nAccept=yes\nListenStream=7\n"])
    assert found.service == "echo@.service"


def test_comments_and_other_sections_are_passed_over() -> None:
    text = (
        "ListenStream=1\n[Install]\nListenStream=2\n[Socket]\n# ListenStream=3\n;ListenStream=4\n"
    )
    assert parse_socket_unit("a.socket", [text]).streams == ()


@pytest.mark.parametrize(
    ("line", "endpoint", "expected"),
    [
        ("22", tcp("::", 22), True),
        ("22", tcp("0.0.0.0", 22), True),
        ("22", tcp("127.0.0.1", 22), False),
        ("22", tcp("::", 2222), False),
        ("127.0.0.1:631", tcp("127.0.0.1", 631), True),
        ("127.0.0.1:631", tcp("0.0.0.0", 631), False),
        ("[::1]:631", tcp("::1", 631), True),
        ("/run/cups/cups.sock", tcp("::", 631), False),
        ("@abstract:631", tcp("::", 631), False),
        ("vsock::22", tcp("::", 22), False),
        ("22", Endpoint(Transport.UDP, "::", 22), False),
    ],
)
def test_what_a_line_means(line: str, endpoint: Endpoint, expected: bool) -> None:  # noqa: FBT001
    assert SocketUnit("a.socket", "a.service", streams=(line,)).listens_on(endpoint) is expected


def test_datagrams() -> None:
    unit = parse_socket_unit("a.socket", ["[Socket]\nListenDatagram=127.0.0.1:69\n"])
    assert unit.listens_on(Endpoint(Transport.UDP, "127.0.0.1", 69))
    assert not unit.listens_on(tcp("127.0.0.1", 69))


@given(st.lists(st.text(alphabet="[Socket]\nListenStream=Accept #;yes22:", max_size=200)))
def test_no_file_is_too_odd(texts: list[str]) -> None:
    found = parse_socket_unit("a.socket", texts)
    assert found.service
    assert "" not in found.streams
