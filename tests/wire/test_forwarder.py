"""Arguments of port forwarders, as their managers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.wire.forwarder import (
    Forward,
    parse_activate,
    parse_conmon,
    parse_docker_proxy,
    parse_pasta,
)

TCP, UDP = Transport.TCP, Transport.UDP
DOCKER = (
    "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080"
    " -container-ip 172.17.0.2 -container-port 80"
)
PASTA = "/usr/bin/pasta --config-net -t 8080-8080:80-80 -u none --netns /run/user/1000/netns/n1"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (DOCKER, Forward(TCP, 8080, 80, "172.17.0.2")),
        (f"{DOCKER} -use-listen-fd", Forward(TCP, 8080, 80, "172.17.0.2")),
        (DOCKER.replace(" -", " --"), Forward(TCP, 8080, 80, "172.17.0.2")),
        (DOCKER.replace("tcp", "udp"), Forward(UDP, 8080, 80, "172.17.0.2")),
        (
            "docker-proxy --proto=tcp --host-port=8080 --container-ip=fd00::2 --container-port=80",
            Forward(TCP, 8080, 80, "fd00::2"),
        ),
        (
            "docker-proxy -host-port=1 -container-ip=10.0.0.2 -container-port=65535",
            Forward(TCP, 1, 65535, "10.0.0.2"),
        ),
        (DOCKER.replace("tcp", "sctp"), None),
        (DOCKER.replace("8080", "80800"), None),
        (DOCKER.replace("8080", "0"), None),
        (DOCKER.replace("8080", "x"), None),
        (DOCKER.replace("172.17.0.2", ""), None),
        ("docker-proxy", None),
        ("docker-proxy -container-port", None),
        ("", None),
    ],
)
def test_docker_proxy(line: str, expected: Forward | None) -> None:
    assert parse_docker_proxy(tuple(line.split())) == expected


@pytest.mark.parametrize(
    ("line", "transport", "port", "expected"),
    [
        (PASTA, TCP, 8080, 80),
        (PASTA, TCP, 8081, None),
        (PASTA, UDP, 8080, None),
        ("pasta -t 127.0.0.1/8080-8089:9000-9009", TCP, 8085, 9005),
        ("pasta -t 127.0.0.1/8080-8089:9000-9009", TCP, 8090, None),
        ("pasta --tcp-ports=22,8000:80", TCP, 8000, 80),
        ("pasta --tcp-ports=22,8000:80", TCP, 22, 22),
        ("pasta -t 22 -t 8000:80", TCP, 8000, 80),
        ("pasta -u 127.0.0.1%lo/53:5353", UDP, 53, 5353),
        ("pasta -t auto", TCP, 8080, None),
        ("pasta -t ~22", TCP, 22, None),
        ("pasta -t 80:x", TCP, 80, None),
        ("pasta -t", TCP, 80, None),
        ("pasta", TCP, 80, None),
    ],
)
def test_pasta(line: str, transport: Transport, port: int, expected: int | None) -> None:
    found = parse_pasta(tuple(line.split()), transport, port)
    assert found == (None if expected is None else Forward(transport, port, expected))


def test_conmon() -> None:
    line = (
        "/usr/bin/conmon --api-version 1 -c 4c01db -u 4c01db -r /usr/bin/crun -n web --exit-dir /x"
    )
    assert parse_conmon(tuple(line.split())) == ("4c01db", "web")
    assert parse_conmon(("conmon", "--cid=4c01db")) == ("4c01db", None)
    assert parse_conmon(()) == (None, None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "systemd-socket-activate -l 8080 /usr/bin/serve --root /srv",
            "/usr/bin/serve --root /srv",
        ),
        ("systemd-socket-activate --listen=8080 -E A=b serve", "serve"),
        ("systemd-socket-activate -a -l 80 -- serve", "serve"),
        ("systemd-socket-activate -l 80", ""),
        ("systemd-socket-activate -l", ""),
        ("", ""),
    ],
)
def test_socket_activate(line: str, expected: str) -> None:
    assert " ".join(parse_activate(tuple(line.split()))) == expected


@given(st.lists(st.text(max_size=12)).map(tuple), st.integers(0, 70000))
def test_no_arguments_are_too_odd(argv: tuple[str, ...], port: int) -> None:
    proxy, pasta = parse_docker_proxy(argv), parse_pasta(argv, TCP, port)
    assert all(one is None or 0 < one.port <= 65535 for one in (proxy, pasta))
    assert isinstance(parse_activate(argv), tuple)
    assert len(parse_conmon(argv)) == 2
