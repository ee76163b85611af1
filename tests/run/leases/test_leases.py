"""Leases as programs have them: raced for, inherited, lost by kill -9, and listed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import socketserver
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import homeport
from homeport import BadInput, HomeportError, LeaseFacts, NoPortLeft, PortRange, PortTaken
from homeport.host.locks import lease_locks
from homeport.model.endpoint import Transport
from homeport.model.errors import StateUnusable
from homeport.model.lease import LEASED, LeaseKey
from homeport.run.leases import acquire, listed
from tests.support import NOBODY, leased_port, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

# Each worker of the tests has homes of its own.
WEB, OTHER = (LeaseKey(f"/home/ada/{name}-{os.getpid()}", "web") for name in ("shop", "blog"))


def lock_file(port: int, transport: str = "tcp") -> str:
    return f"{lease_locks().path}/{transport}-{port}"


def serve(port: int, address: str = "127.0.0.1") -> socket.socket:
    """What nearly all TCP servers do."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def one(port: int) -> PortRange:
    return PortRange(port, port)


def test_a_lease_has_a_port_to_itself() -> None:
    with homeport.lease() as lease, homeport.lease() as second:
        assert lease.port in LEASED
        assert (lease.address, lease.transport) == ("127.0.0.1", "tcp")
        assert lease.url == f"http://127.0.0.1:{lease.port}"
        assert second.port != lease.port
        with serve(lease.port), pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", lease.port))


def test_released_is_free_and_again_does_nothing() -> None:
    lease = homeport.lease()
    assert "released" not in repr(lease)
    lease.release()
    lease.release()
    assert (lease.fds, lease.lock_fds) == ((), ())
    assert "released" in repr(lease)
    with acquire(port=lease.port):
        pass


def test_async() -> None:
    async def lease_and_serve() -> None:
        async with homeport.lease() as lease:
            server = await asyncio.start_server(lambda *_: None, lease.address, lease.port)
            server.close()
            await server.wait_closed()
        assert not lease.fds

    asyncio.run(lease_and_serve())


def test_a_server_that_wants_only_ipv6() -> None:
    with homeport.lease() as lease, serve(lease.port, "::1"):
        socket.create_connection(("::1", lease.port), timeout=5).close()


def test_a_server_without_reuse_binds_once_the_hold_is_let_go() -> None:
    with homeport.lease() as lease:
        with pytest.raises(OSError, match="in use"):
            socketserver.TCPServer(("127.0.0.1", lease.port), socketserver.BaseRequestHandler)
        lease.let_go()
        with pytest.raises(PortTaken):
            acquire(port=lease.port)
        with socketserver.TCPServer(("127.0.0.1", lease.port), socketserver.BaseRequestHandler):
            assert not lease.hold()
        assert lease.hold()
        with pytest.raises(OSError, match="in use"):
            socketserver.TCPServer(("127.0.0.1", lease.port), socketserver.BaseRequestHandler)


def test_a_listening_socket_to_hand_over() -> None:
    with homeport.lease() as lease, lease.listen() as server:
        assert server.getsockname() == ("127.0.0.1", lease.port)
        socket.create_connection(("127.0.0.1", lease.port), timeout=5).close()
        with pytest.raises(PortTaken):
            lease.listen()


def test_udp_and_tcp_are_leased_each_by_itself() -> None:
    port = leased_port()
    with acquire(port=port), acquire(port=port, transport=Transport.UDP) as lease:
        assert lease.url == f"udp://127.0.0.1:{port}"
        lease.let_go()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind((lease.address, port))


def test_the_same_key_gets_the_same_port() -> None:
    with acquire(WEB) as lease:
        port = lease.port
    for _ in range(3):
        with acquire(WEB) as again, acquire(OTHER) as other:
            assert again.port == port != other.port


def test_where_its_port_is_taken_the_next_one_is_remembered() -> None:
    with acquire(WEB) as lease:
        home = lease.port
    with serve(home), acquire(WEB) as moved:
        assert moved.port != home
    with acquire(WEB) as again:
        assert again.port == moved.port
        with acquire(WEB) as beside:
            # Its own lease is in the way: that is no reason to move.
            assert beside.port not in {home + 1, again.port}.difference({home + 1})
    with acquire(WEB) as still:
        assert still.port == moved.port


def test_a_remembered_port_outside_of_the_range_does_not_count() -> None:
    port = leased_port()
    with serve(port), acquire(WEB, span=PortRange(port, port + 1)) as lease:
        assert lease.port == port + 1
    with acquire(WEB) as usual:
        assert usual.port in LEASED


def test_connections_of_the_past_do_not_move_a_key() -> None:
    with acquire(WEB) as lease, serve(lease.port) as server:
        client = socket.create_connection(("127.0.0.1", lease.port), timeout=5)
        accepted, _ = server.accept()
        accepted.close()
        client.recv(1)
        client.close()
    with acquire(WEB) as again:
        assert again.port == lease.port
    with acquire(WEB, strict=True) as strict:
        assert strict.port != lease.port


def test_a_wanted_port_that_somebody_listens_on_tells_who() -> None:
    with serve(leased_port()) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            homeport.lease(port=port)
        assert caught.value.endpoint == homeport.Endpoint(Transport.TCP, "127.0.0.1", port)
        assert f"{os.getpid()} of the project" in (caught.value.why or "")
        assert f"listens on 127.0.0.1:{port}" in (caught.value.why or "")
        assert f"homeport kill {port}" in (caught.value.next_step or "")


def test_a_wanted_port_that_is_leased_tells_for_what() -> None:
    port = leased_port()
    with acquire(WEB, port=port), pytest.raises(PortTaken) as caught:
        homeport.lease(port=port)
    assert caught.value.why == (
        f"process {os.getpid()} has leased it, as 'web' of {WEB.root}, and nobody listens there yet"
    )


def test_a_wanted_port_that_is_only_bound_is_taken_too() -> None:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        with pytest.raises(PortTaken, match="is taken") as caught:
            homeport.lease(port=made.getsockname()[1])
        assert "does not listen" in (caught.value.why or "")


def test_a_range_that_is_used_up_says_so() -> None:
    span = one(leased_port())
    with acquire(span=span) as lease, pytest.raises(NoPortLeft, match=f"of {lease.port} is taken"):
        acquire(span=span)
    with acquire(WEB, span=span), pytest.raises(NoPortLeft):
        acquire(OTHER, span=span)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: homeport.lease(transport="unix"),
        lambda: homeport.lease(port=0),
        lambda: homeport.lease(port=70_000),
        lambda: homeport.lease(""),
        lambda: homeport.lease("two\nlines"),
        lambda: homeport.lease("x" * 1000),
        lambda: homeport.lease(span=PortRange(9, 1)),
    ],
)
def test_what_cannot_be_leased_is_bad_input(ask: Callable[[], object]) -> None:
    with pytest.raises(BadInput):
        ask()


def test_names_are_those_of_the_project_that_a_directory_is_in(tmp_path: Path) -> None:
    for worktree in ("shop", "shop-2"):
        (tmp_path / worktree / "src").mkdir(parents=True)
        (tmp_path / worktree / "pyproject.toml").touch()
    with homeport.lease("web", project=str(tmp_path / "shop" / "src")) as lease:
        assert lease.key == LeaseKey(str(tmp_path / "shop"), "web")
    with homeport.lease("web", project=str(tmp_path / "shop-2")) as other:
        assert other.port != lease.port


RACE = """
import sys
from homeport.model.lease import LeaseKey
from homeport.model.port import PortRange
from homeport.run.leases import acquire
import socket
span = PortRange(int(sys.argv[1]), int(sys.argv[1]) + 9)
print("ready", flush=True)
sys.stdin.readline()
had = []
for turn in range(200):
    lease = acquire(LeaseKey("/race", "web") if turn % 2 else None, span=span)
    with socket.create_server(("127.0.0.1", lease.port)) as server:
        had.append(lease.port)
    lease.release()
print(len(had))
"""


def test_processes_that_race_never_meet() -> None:
    first = homeport.lease().port - 100
    argv = [sys.executable, "-c", RACE, str(first)]
    racing = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)
    ]
    for each in racing:
        assert each.stdout is not None
        assert each.stdout.readline() == b"ready\n"
    for each in racing:
        assert each.stdin is not None
        each.stdin.write(b"\n")
        each.stdin.flush()
    assert [each.communicate(timeout=60)[0] for each in racing] == [b"200\n"] * 4


HOLDS = """
import os, sys, time
from homeport.model.lease import LeaseKey
from homeport.run.leases import acquire
lease = acquire(LeaseKey(sys.argv[1], "web"))
print("port", lease.port, flush=True)
if "exec" in sys.argv:
    for descriptor in lease.fds:
        os.set_inheritable(descriptor, True)
    os.execv("/bin/sleep", ["sleep", "600"])
if "fork" in sys.argv and os.fork():
    os._exit(0)
time.sleep(600)
"""


def test_a_holder_that_is_killed_frees_its_lease() -> None:
    with spawn([sys.executable, "-c", HOLDS, WEB.root]) as holder:
        port = int(holder.wait_for(r"port (\d+)")[1])
        assert listed() == [LeaseFacts(Transport.TCP, port, WEB, holder.pid)]
        os.kill(holder.pid, signal.SIGKILL)
        holder.process.wait()
        assert listed() == []
        with acquire(WEB) as lease:
            assert lease.port == port


def test_exec_keeps_the_lease_as_long_as_the_program_lives() -> None:
    with spawn([sys.executable, "-c", HOLDS, WEB.root, "exec"]) as holder:
        port = int(holder.wait_for(r"port (\d+)")[1])
        command = Path(f"/proc/{holder.pid}/cmdline")
        wait_until(lambda: command.read_bytes().startswith(b"sleep\0"))
        assert listed() == [LeaseFacts(Transport.TCP, port, WEB, holder.pid)]
        with pytest.raises(PortTaken):
            acquire(port=port)
    with acquire(port=port):
        pass


def test_a_fork_keeps_it_too_and_who_that_is_cannot_be_told() -> None:
    with spawn([sys.executable, "-c", HOLDS, WEB.root, "fork"]) as holder:
        port = int(holder.wait_for(r"port (\d+)")[1])
        holder.process.wait()
        assert listed() == [LeaseFacts(Transport.TCP, port, WEB, None)]


def test_a_child_gets_the_lock_by_descriptor() -> None:
    with homeport.lease() as lease:
        child = subprocess.Popen(["/bin/sleep", "600"], pass_fds=lease.lock_fds)
    try:
        with pytest.raises(PortTaken):
            acquire(port=lease.port)
    finally:
        child.kill()
        child.wait()
    with acquire(port=lease.port):
        pass


def test_forgetting_a_lease_does_not_give_the_port_away() -> None:
    port = homeport.lease().port
    with pytest.raises(PortTaken):
        acquire(port=port)


def test_what_dead_leases_left_is_swept() -> None:
    with acquire(WEB) as lease:
        assert os.path.exists(lock_file(lease.port))
        assert [facts.port for facts in listed()] == [lease.port]
    assert listed() == []
    assert not os.path.exists(lock_file(lease.port))


def test_leases_are_listed_by_port_and_transport() -> None:
    port = leased_port()
    with (
        acquire(port=port, transport=Transport.UDP),
        acquire(WEB, port=port),
        acquire(port=port + 1),
    ):
        assert homeport.leases() == [
            LeaseFacts(Transport.TCP, port, WEB, os.getpid()),
            LeaseFacts(Transport.TCP, port + 1, None, os.getpid()),
            LeaseFacts(Transport.UDP, port, None, os.getpid()),
        ]


def plant_link(path: str, target: Path) -> None:
    target.write_text("precious")
    os.symlink(target, path)


def plant_hard_link(path: str, target: Path) -> None:
    target.write_text("precious")
    os.link(target, path)


def plant_pipe(path: str, _target: Path) -> None:
    os.mkfifo(path)


def plant_garbage(path: str, _target: Path) -> None:
    with open(path, "wb") as file:
        file.write(os.urandom(20_000))


def plant_another_users(path: str, _target: Path) -> None:
    with open(path, "wb") as file:
        file.write(b"1\n/root\0theirs\0")
    os.chmod(path, 0)
    if os.geteuid() == 0:
        os.chown(path, NOBODY.uid, NOBODY.gid)


@pytest.mark.parametrize(
    "plant", [plant_link, plant_hard_link, plant_pipe, plant_garbage, plant_another_users]
)
def test_what_else_lies_in_the_directory_does_no_harm(
    plant: Callable[[str, Path], None], tmp_path: Path
) -> None:
    port = leased_port()
    target = tmp_path / "target"
    plant(lock_file(port), target)
    with acquire(WEB, port=port):
        assert listed() == [LeaseFacts(Transport.TCP, port, WEB, os.getpid())]
        with pytest.raises(PortTaken):
            acquire(port=port)
    assert not target.exists() or target.read_text() == "precious"
    plant_garbage(f"{lease_locks().path}/tcp-99999999", target)
    plant_garbage(f"{lease_locks().path}/whatever", target)
    assert listed() == []


def test_what_cannot_be_removed_is_named() -> None:
    port = leased_port()
    os.mkdir(lock_file(port))
    with pytest.raises(StateUnusable, match=f"tcp-{port}") as caught:
        acquire(port=port)
    assert caught.value.next_step == f"remove {lock_file(port)}"


def test_a_directory_that_others_may_write_is_not_used(runtime_dir: Path) -> None:
    (runtime_dir / "homeport").mkdir()
    (runtime_dir / "homeport").chmod(0o777)
    with pytest.raises(StateUnusable, match="not safe to use"):
        acquire()


def test_a_directory_that_is_removed_meanwhile_is_made_again(runtime_dir: Path) -> None:
    acquire().release()
    subprocess.run(["rm", "-r", str(runtime_dir / "homeport")], check=True)
    with acquire() as lease:
        assert os.path.exists(lock_file(lease.port))


def test_what_is_remembered_may_be_garbage() -> None:
    with acquire(WEB) as lease:
        home = lease.port
    with serve(home):
        acquire(WEB).release()
    (memory,) = os.scandir(f"{lease_locks().path}/keys")
    for content in (b"", b"-3", b"99999", b"\xff" * 5, b"1" * 50):
        with open(memory.path, "wb") as file:
            file.write(content)
        with acquire(WEB) as again:
            assert again.port == home


def test_an_error_of_the_system_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    acquire().release()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(HomeportError):
            acquire()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
