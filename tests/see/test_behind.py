"""What stands behind port forwarders and service managers: told by tables alone, and for real."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

import homeport
from homeport.host.processes import ProcessReader
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.process import Ancestor, Container, Process
from homeport.model.sockets import Behind, BehindKind, Listener
from homeport.see.behind import Surroundings, surroundings, with_behind
from homeport.wire.proc_pid import Activation
from homeport.wire.socket_unit import SocketUnit
from tests.support import need, network_namespace, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOST, ONE, TWO = 4026531840, 4026532001, 4026532002
ID = "4c01db0b339c7a1e" * 4
PODMAN = Container("podman", ID)
PROXY = (
    "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080"
    " -container-ip 172.17.0.2 -container-port 80"
)


def process(
    pid: int,
    line: str,
    *,
    unit: str | None = None,
    container: Container | None = None,
    ancestry: tuple[Ancestor, ...] | None = None,
) -> Process:
    argv = tuple(line.split())
    name = argv[0].rpartition("/")[2][:15]
    return Process(
        pid=pid,
        start_ticks=pid,
        name=name,
        argv=argv,
        unit=unit,
        container=container,
        ancestry=ancestry,
    )


def listener(
    netns: int,
    port: int,
    *owners: Process,
    address: str = "0.0.0.0",
    transport: Transport = Transport.TCP,
    v6only: bool | None = None,
) -> Listener:
    endpoint = Endpoint(transport, address, port)
    inode = netns + port
    return Listener(endpoint, inode=inode, netns=netns, uid=0, owners=owners, v6only=v6only)


def behind(
    listeners: Sequence[Listener],
    *,
    addresses: dict[int, set[str]] | None = None,
    activations: dict[int, Activation] | None = None,
    units: Sequence[SocketUnit] = (),
) -> Behind | None:
    """What stands behind the first of the listeners."""
    around = Surroundings(
        activation=(activations or {}).get,
        addresses=lambda pid: frozenset((addresses or {}).get(pid, ())),
        units=lambda: units,
    )
    told = with_behind(listeners, around)
    assert [one._replace(behind=None) for one in told] == list(listeners)
    return told[0].behind


def test_an_ordinary_listener_has_nothing_behind_it() -> None:
    assert behind([listener(HOST, 80, process(7, "nginx"))]) is None
    assert behind([listener(HOST, 80)]) is None


def test_among_containers_on_one_port_the_one_with_the_address() -> None:
    web = process(20, "nginx", container=Container("docker", ID))
    wrong = process(30, "nginx", container=Container("docker", ID[::-1]))
    found = behind(
        [
            listener(HOST, 8080, process(10, PROXY)),
            listener(TWO, 80, wrong),
            listener(ONE, 80, web),
        ],
        addresses={20: {"127.0.0.1", "172.17.0.2"}, 30: {"127.0.0.1", "172.17.0.3"}},
    )
    assert found == Behind(
        BehindKind.DOCKER_PROXY,
        "docker-proxy (pid 10) forwards to 172.17.0.2:80",
        endpoint=Endpoint(Transport.TCP, "172.17.0.2", 80),
        owners=(web,),
        container=Container("docker", ID),
    )


@pytest.mark.parametrize("address", ["172.17.0.2", "::ffff:172.17.0.2"])
def test_a_listener_on_the_very_address_needs_no_proof(address: str) -> None:
    web = process(20, "nginx")
    proxy = listener(HOST, 8080, process(10, PROXY))
    found = behind([proxy, listener(ONE, 80, web, address=address)], addresses={20: {"172.17.0.2"}})
    assert found is not None
    assert found.owners == (web,)


@pytest.mark.parametrize(
    "other",
    [
        listener(ONE, 80, process(20, "nginx")),
        listener(ONE, 80, process(20, "nginx"), address="::", v6only=True),
        listener(ONE, 80, process(20, "nginx"), address="127.0.0.1"),
        listener(ONE, 80, process(20, "nginx"), transport=Transport.UDP),
        listener(ONE, 81, process(20, "nginx")),
        listener(HOST, 80, process(20, "nginx")),
        listener(ONE, 80),
    ],
)
def test_what_is_not_proved_is_left_open(other: Listener) -> None:
    found = behind([listener(HOST, 8080, process(10, PROXY)), other])
    assert found is not None
    assert found.endpoint == Endpoint(Transport.TCP, "172.17.0.2", 80)
    assert found.owners == ()


def test_a_dual_stack_server_behind_a_docker_proxy() -> None:
    web = process(20, "node")
    found = behind(
        [
            listener(HOST, 8080, process(10, PROXY)),
            listener(ONE, 80, web, address="::", v6only=False),
        ],
        addresses={20: {"172.17.0.2"}},
    )
    assert found is not None
    assert found.owners == (web,)


@pytest.mark.parametrize("argv", [None, (), ("docker-proxy", "-help")])
def test_a_docker_proxy_that_tells_nothing(argv: tuple[str, ...] | None) -> None:
    proxy = process(10, "docker-proxy")._replace(argv=argv)
    assert behind([listener(HOST, 8080, proxy)]) is None


def test_rootless_docker_keeps_its_proxy_further_within() -> None:
    web = process(20, "nginx", container=Container("docker", ID))
    found = behind(
        [
            listener(HOST, 8080, process(10, "rootlesskit --net=slirp4netns dockerd")),
            listener(ONE, 8080, process(11, PROXY)),
            listener(TWO, 80, web),
        ],
        addresses={20: {"172.17.0.2"}},
    )
    assert found is not None
    assert (found.kind, found.owners) == (BehindKind.DOCKER_PROXY, (web,))


PASTA = "/usr/bin/pasta.avx2 --config-net -t 8080-8080:80-80 --netns /run/user/1000/netns/n"


def test_pasta_forwards_into_the_only_container_on_the_port() -> None:
    web = process(20, "nginx", container=PODMAN)
    found = behind([listener(HOST, 8080, process(10, PASTA)), listener(ONE, 80, web)])
    assert found is not None
    assert (found.kind, found.owners) == (BehindKind.PORT_FORWARDER, (web,))
    assert found.container == PODMAN


def test_pasta_with_two_containers_on_the_port_is_left_open() -> None:
    servers = [process(pid, "nginx", container=PODMAN) for pid in (20, 30)]
    listeners = [listener(ONE, 80, servers[0]), listener(TWO, 80, servers[1])]
    found = behind([listener(HOST, 8080, process(10, PASTA)), *listeners])
    assert found is not None
    assert found.owners == ()


def test_pasta_forwards_to_its_own_children_first() -> None:
    child = process(20, "nginx", ancestry=(Ancestor(10, "pasta", ()),))
    other = process(30, "nginx", container=PODMAN)
    found = behind(
        [
            listener(HOST, 8080, process(10, PASTA)),
            listener(TWO, 80, other),
            listener(ONE, 80, child),
        ]
    )
    assert found is not None
    assert found.owners == (child,)


@pytest.mark.parametrize(
    "line", ["rootlessport", "slirp4netns -c 7 tap0", "passt", "pasta -t none", "rootlesskit x"]
)
def test_forwarders_whose_arguments_tell_nothing(line: str) -> None:
    found = behind([listener(HOST, 8080, process(10, line))])
    assert found is not None
    assert (found.kind, found.endpoint, found.owners) == (BehindKind.PORT_FORWARDER, None, ())
    assert line.partition(" ")[0] in found.evidence


def test_conmon_keeps_the_port_of_a_container() -> None:
    monitor = process(10, f"/usr/bin/conmon --api-version 1 -c {ID} -n web -r /usr/bin/crun")
    web = process(20, "nginx", container=PODMAN)
    found = behind([listener(HOST, 8080, monitor), listener(ONE, 80, web)])
    assert found is not None
    assert (found.owners, found.container) == ((web,), PODMAN)
    alone = behind([listener(HOST, 8080, monitor)])
    assert alone is not None
    assert (alone.owners, alone.container) == ((), PODMAN)
    assert "web" in alone.evidence
    assert behind([listener(HOST, 8080, process(10, "conmon"))]) is None


SYSTEMD = process(1, "systemd", unit="init.scope")


def test_the_other_holder_of_systemds_socket_is_the_service() -> None:
    sshd = process(20, "sshd", unit="ssh.service")
    found = behind(
        [listener(HOST, 22, SYSTEMD, sshd)],
        activations={20: Activation(20, 1, ("ssh.socket",))},
    )
    assert found == Behind(
        BehindKind.SOCKET_ACTIVATION,
        "systemd (pid 1) holds the socket too, LISTEN_FDS=1 (ssh.socket) in the environment of"
        " pid 20",
        owners=(sshd,),
        unit="ssh.service",
    )


def test_a_service_that_has_taken_the_variables_out_of_its_environment() -> None:
    sshd = process(20, "sshd", unit="ssh.service")
    found = behind([listener(HOST, 22, SYSTEMD, sshd)])
    assert found is not None
    assert (found.owners, found.unit) == ((sshd,), "ssh.service")


UNITS = (
    SocketUnit("cups.socket", "cups.service", ("/run/cups/cups.sock",)),
    SocketUnit("ssh.socket", "ssh.service", ("22",)),
)


def test_a_service_that_is_not_started_yet_has_a_unit() -> None:
    found = behind([listener(HOST, 22, SYSTEMD, address="::")], units=UNITS)
    assert found == Behind(
        BehindKind.SOCKET_ACTIVATION,
        "ssh.socket starts ssh.service on the first connection",
        unit="ssh.service",
    )


def test_a_unit_that_no_file_tells_of() -> None:
    found = behind([listener(HOST, 23, SYSTEMD, address="::")], units=UNITS)
    assert found is not None
    assert (found.unit, found.owners) == (None, ())
    assert "not started" in found.evidence


def test_a_socket_that_was_passed_though_the_manager_is_out_of_sight() -> None:
    web = process(20, "gunicorn", unit="web.service")
    passed = {20: Activation(20, 1)}
    found = behind([listener(HOST, 8000, web)], activations=passed)
    assert found is not None
    assert (found.kind, found.owners) == (BehindKind.SOCKET_ACTIVATION, (web,))
    # Whoever is no service of systemd's is not asked for its environment.
    assert behind([listener(HOST, 8000, process(20, "gunicorn"))], activations=passed) is None


# From here on for real.


def own(taken: homeport.Snapshot, pid: int) -> list[Listener]:
    return [one for one in taken.listeners if any(owner.pid == pid for owner in one.owners)]


SERVE = """
import os, socket, sys
passed = "LISTEN_FDS" in os.environ
place = sys.argv[1:]
server = socket.socket(fileno=3) if passed else socket.create_server((place[0], int(place[1])))
print("ready", flush=True)
while True:
    connection, _ = server.accept()
    connection.sendall(b"served by %d" % os.getpid())
    connection.close()
"""

RELAY = """#!{python}
import signal, socket, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
server = socket.create_server((options["-host-ip"], int(options["-host-port"])))
print(0, flush=True)
while True:
    client, _ = server.accept()
    inner = socket.create_connection((options["-container-ip"], int(options["-container-port"])))
    client.sendall(inner.recv(100))
    client.close()
"""

ASK = """
import socket
print(socket.create_connection(("127.0.0.1", 8080), 10).recv(100).decode())
"""


def docker_proxy(place: Path) -> str:
    """Docker's own program where it is installed (Debian: docker.io), else one that is like it.

    That is a relay of ours which takes the same arguments under the same name: to install an engine
    for this alone would be out of proportion.
    """
    for directory in ("/usr/bin", "/usr/sbin", "/usr/libexec/docker", *os.get_exec_path()):
        if os.access(f"{directory}/docker-proxy", os.X_OK):
            return f"{directory}/docker-proxy"
    script = place / "docker-proxy"
    script.write_text(RELAY.format(python=sys.executable))
    script.chmod(0o755)
    return str(script)


@pytest.mark.root
def test_a_docker_proxy_and_two_containers(tmp_path: Path) -> None:
    ip = need("ip", package="iproute2")
    serve = [sys.executable, "-c", SERVE, "0.0.0.0", "80"]
    proxy = (
        f"exec {docker_proxy(tmp_path)} -proto tcp -host-ip 127.0.0.1 -host-port 8080"
        " -container-ip 10.91.7.2 -container-port 80 3>&1"
    )
    with network_namespace() as host, network_namespace() as inner, network_namespace() as other:
        veth = f"link add outside netns {host.name} type veth peer name inside netns {inner.name}"
        host.run(ip, *veth.split())
        for namespace, device, address in (
            (host, "outside", "10.91.7.1/24"),
            (inner, "inside", "10.91.7.2/24"),
        ):
            namespace.run(ip, "address", "add", address, "dev", device)
            namespace.run(ip, "link", "set", device, "up")
        with (
            spawn(other.command(*serve), ready="ready") as wrong,
            spawn(inner.command(*serve), ready="ready") as right,
            spawn(host.command("sh", "-c", proxy), ready="^0") as forwarder,
        ):
            taken = homeport.snapshot()
            (told,) = own(taken, forwarder.pid)
            assert told.endpoint == Endpoint(Transport.TCP, "127.0.0.1", 8080)
            assert told.behind is not None
            assert told.behind.kind is BehindKind.DOCKER_PROXY
            assert told.behind.endpoint == Endpoint(Transport.TCP, "10.91.7.2", 80)
            assert [owner.pid for owner in told.behind.owners] == [right.pid]
            assert [one.behind for one in own(taken, right.pid) + own(taken, wrong.pid)] == [
                None
            ] * 2
            # And that is who answers.
            answer = host.run(sys.executable, "-c", ASK).stdout.strip()
            assert answer == f"served by {right.pid}"


def test_a_socket_that_waits_for_its_first_connection_and_has_had_it(tmp_path: Path) -> None:
    activate = need("systemd-socket-activate", package="systemd")
    script = tmp_path / "serve.py"
    script.write_text(SERVE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [activate, "-l", f"127.0.0.1:{port}", sys.executable, str(script)]
    with spawn(command, ready="Listening on") as child:
        (waiting,) = own(homeport.snapshot(connections=False), child.pid)
        assert waiting.behind is not None
        assert waiting.behind.kind is BehindKind.SOCKET_ACTIVATION
        assert f"{sys.executable} {script}" in waiting.behind.evidence
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            assert client.recv(100).decode() == f"served by {child.pid}"
        (serving,) = own(homeport.snapshot(connections=False), child.pid)
        assert serving.behind is None
        assert serving.owners[0].argv == (sys.executable, str(script))
        passed = ProcessReader().activation(child.pid)
        assert passed is not None
        assert (passed.pid, passed.passed) == (child.pid, 1)


MANAGER = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
with open("/proc/self/comm", "w") as comm:
    comm.write("systemd")
if os.fork() == 0:
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    environ = os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    environ["LISTEN_FDNAMES"] = "demo.socket"
    os.execve(sys.executable, [sys.executable, sys.argv[1]], environ)
os.wait()
"""


def test_a_manager_and_the_service_that_it_has_started(tmp_path: Path) -> None:
    # A stand-in for systemd, which cannot be started beside the one that runs the machine: it has
    # its name and keeps and passes the socket as it does.
    script = tmp_path / "serve.py"
    script.write_text(SERVE)
    with spawn([sys.executable, "-c", MANAGER, str(script)], ready="ready") as manager:
        (told,) = own(homeport.snapshot(connections=False), manager.pid)
        assert len(told.owners) == 2
        assert told.behind is not None
        assert told.behind.kind is BehindKind.SOCKET_ACTIVATION
        (service,) = told.behind.owners
        assert service.argv == (sys.executable, str(script))
        assert "demo.socket" in told.behind.evidence


def test_the_surroundings_are_those_of_the_machine() -> None:
    around = surroundings(ProcessReader())
    assert "127.0.0.1" in around.addresses(os.getpid())
    assert around.activation(os.getpid()) is None
    wait_until(lambda: all(unit.name.endswith(".socket") for unit in around.units()))
