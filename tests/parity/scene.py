"""A machine in small: sockets of every kind and state that ss and Homeport must tell alike.

A script that runs alone (`python -I -S scene.py DIRECTORY`), so that it can be started in a network
namespace. It prints a line of JSON when all stands, and ends with its standard input.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import socket
import sys
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK, WILDCARD = ("127.0.0.1", 0), ("0.0.0.0", 0)
LOOPBACK6, WILDCARD6 = ("::1", 0), ("::", 0)
SECONDS = 20
MPTCP = getattr(socket, "IPPROTO_MPTCP", 262)

held: list[socket.socket] = []
children: list[int] = []
# What carries none of these ports, at either end, belongs to somebody else.
ports: set[int] = set()


def tcp(
    address: tuple[str, int],
    *,
    backlog: int = 7,
    v6only: bool | None = None,
    device: bytes | None = None,
    shared: bool = False,
    protocol: int = 0,
) -> socket.socket:
    """A listener; IPv6 where the address has a colon."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, protocol)
    held.append(made)
    if v6only is not None:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(address)
    made.listen(backlog)
    ports.add(made.getsockname()[1])
    return made


def udp(address: tuple[str, int], *, peer: tuple[str, int] | None = None) -> socket.socket:
    made = socket.socket(
        socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM
    )
    held.append(made)
    made.bind(address)
    ports.add(made.getsockname()[1])
    if peer:
        made.connect(peer)
    return made


def dial(listener: socket.socket, host: str | None = None) -> socket.socket:
    """A connection to the listener, begun but not waited for."""
    name = listener.getsockname()
    made = socket.socket(listener.family, socket.SOCK_STREAM)
    held.append(made)
    made.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        made.connect((host or name[0], name[1]))
    return made


def pair(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Both ends of an established connection: who dialled, who answered."""
    near = dial(listener)
    far = listener.accept()[0]
    held.append(far)
    until(lambda: bool(select.select([], [near], [], 0)[1]))
    return near, far


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(condition)
        time.sleep(0.01)


def fill(sender: socket.socket) -> None:
    """Send until the other side's window is shut and our own buffer is full."""
    sender.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            sender.send(b"x" * 65536)


def fork(*inherited: socket.socket, life: int) -> None:
    """A child that holds only these sockets of ours, until `life` (a pipe) is closed."""
    pid = os.fork()
    if pid:
        children.append(pid)
        return
    try:
        kept = {each.fileno() for each in inherited} | {life, 2}
        for name in os.listdir("/proc/self/fd"):
            if int(name) not in kept:
                with contextlib.suppress(OSError):
                    os.close(int(name))
        os.read(life, 1)
    finally:
        os._exit(0)


def listeners() -> None:
    for address in (LOOPBACK, WILDCARD, LOOPBACK6, ("::ffff:127.0.0.1", 0), ("::ffff:0.0.0.0", 0)):
        tcp(address)
    tcp(WILDCARD6, v6only=False)
    tcp(WILDCARD6, v6only=True)
    with contextlib.suppress(PermissionError):  # an ordinary user may from Linux 5.7 on
        tcp(LOOPBACK, device=b"lo")
        tcp(WILDCARD6, device=b"lo", v6only=False)
        tcp(WILDCARD6, device=b"lo", v6only=True)
        tcp(WILDCARD, device=b"lo")
    tcp(LOOPBACK, backlog=0)
    with contextlib.suppress(OSError):  # a kernel without MPTCP
        mptcp = tcp(LOOPBACK, protocol=MPTCP)
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
        held.append(client)
        client.connect(mptcp.getsockname())
        held.append(mptcp.accept()[0])


def several_owners(life: int) -> None:
    first = tcp(LOOPBACK, shared=True)
    for _ in range(2):
        fork(tcp(first.getsockname(), shared=True), life=life)
    inherited = tcp(LOOPBACK)
    fork(inherited, life=life)
    fork(inherited, *pair(inherited), life=life)
    only_the_child = tcp(LOOPBACK)
    fork(only_the_child, life=life)
    only_the_child.close()


def unowned() -> None:
    """A listener whose only descriptor is on its way from one socket to another."""
    in_flight = tcp(LOOPBACK)
    sender, receiver = socket.socketpair()
    held.extend((sender, receiver))
    socket.send_fds(sender, [b"x"], [in_flight.fileno()])
    in_flight.close()


def datagrams() -> None:
    for address in (LOOPBACK, WILDCARD, LOOPBACK6, WILDCARD6, ("::ffff:127.0.0.1", 0)):
        udp(address)
    server = udp(LOOPBACK)
    udp(LOOPBACK, peer=server.getsockname())
    udp(LOOPBACK6, peer=udp(LOOPBACK6).getsockname()[:2])
    udp(("::ffff:127.0.0.1", 0), peer=("::ffff:127.0.0.1", server.getsockname()[1]))
    udp(LOOPBACK).sendto(b"waits to be read", server.getsockname())


def established() -> None:
    near, far = pair(tcp(LOOPBACK))
    near.send(b"waits to be read")
    until(lambda: bool(select.select([far], [], [], 0)[0]))
    pair(tcp(LOOPBACK6))
    dual = tcp(WILDCARD6, v6only=False)
    dial(tcp(WILDCARD), "127.0.0.1")
    mapped = socket.create_connection(("127.0.0.1", dual.getsockname()[1]))
    held.extend((mapped, dual.accept()[0]))


def ending() -> None:
    """FIN-WAIT-2 and CLOSE-WAIT, the same without an owner, TIME-WAIT, FIN-WAIT-1, LAST-ACK."""
    listener = tcp(LOOPBACK)
    near, _ = pair(listener)
    near.shutdown(socket.SHUT_WR)
    near, _ = pair(listener)
    near.close()
    near, far = pair(listener)
    near.close()
    far.close()
    near, _ = pair(listener)
    fill(near)
    near.shutdown(socket.SHUT_WR)
    near, far = pair(listener)
    near.shutdown(socket.SHUT_WR)
    until(lambda: bool(select.select([far], [], [], 0)[0]))
    fill(far)
    far.close()


def beginning() -> None:
    """SYN-RECV, where the server waits for data first; a full queue, and SYN-SENT before it."""
    deferred = tcp(LOOPBACK)
    deferred.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
    until_connected(dial(deferred))
    full = tcp(LOOPBACK, backlog=1)
    until_connected(dial(full))
    until_connected(dial(full))
    dial(full)


def until_connected(client: socket.socket) -> None:
    until(lambda: client.connect_ex(client.getpeername()) == errno.EISCONN)


def unix(directory: str) -> None:
    names: list[str | bytes] = [
        b"\0homeport parity %d" % os.getpid(),
        b"\0homeport\0nul\0%d" % os.getpid(),
        b"\0homeport \xff\x01 %d" % os.getpid(),
        "",
    ]
    files = ("plain", "with space", "line\nbreak", "ünï", 'q users:(("x",pid=1,fd=2))', "star * 0")
    names += [f"{directory}/{name}" for name in files]
    names.append(f"{directory}/bad".encode() + b"\xff")
    for name in names:
        unix_socket(name, socket.SOCK_STREAM).listen(5)
    unix_socket(f"{directory}/seqpacket", socket.SOCK_SEQPACKET).listen(3)
    unix_socket(f"{directory}/datagram", socket.SOCK_DGRAM)
    crowded = unix_socket(f"{directory}/crowded", socket.SOCK_STREAM)
    crowded.listen(2)
    unix_socket(None, socket.SOCK_STREAM).connect(f"{directory}/crowded")


def unix_socket(name: str | bytes | None, kind: int) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, kind)
    held.append(made)
    if name is not None:
        made.bind(name)
    return made


def main() -> NoReturn:
    life, our_end = os.pipe()
    with open("/proc/self/comm", "w", encoding="ascii") as comm:
        comm.write('",pid=1,fd=2)')
    several_owners(life)
    listeners()
    unowned()
    datagrams()
    established()
    ending()
    beginning()
    unix(sys.argv[1])
    print(json.dumps({"ports": sorted(ports), "pids": [os.getpid(), *children]}), flush=True)
    sys.stdin.read()
    os.close(our_end)
    os._exit(0)


if __name__ == "__main__":
    main()
