"""Record what this kernel answers about sockets of every kind, for the tests of the parsers.

`sudo unshare --net .venv/bin/python tools/record_fixtures.py` writes tests/fixtures/sock_diag/: one
file per dump (the datagrams, joined), and the tables of /proc/net at the same moment. In a fresh
network namespace there is nothing but the sockets made here. Linux, as root.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from homeport.model.endpoint import Transport
from homeport.wire import inet_diag, unix_diag
from homeport.wire.netlink import HEADER, HEADER_SIZE, request

PLACE = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "sock_diag"
NETLINK_SOCK_DIAG = 4
ALL_STATES = 0x3FFF
NOBODY = 65534
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
Sockets = list[socket.socket]


def listener(family: int, address: str, *, protocol: int = 0, v6only: bool = True) -> socket.socket:
    """A TCP or MPTCP listener on a port of the kernel's choice."""
    made = socket.socket(family, socket.SOCK_STREAM, protocol)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    made.bind((address, 0))
    made.listen(7)
    return made


def pair(server: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Both ends of a connection: the client's, and the one that was accepted."""
    client = socket.create_connection(server.getsockname()[:2])
    return client, server.accept()[0]


def tcp_sockets(family: int) -> Sockets:
    """Sockets in every state in which TCP can be made to stay."""
    address = LOOPBACK[socket.AddressFamily(family)]
    server = listener(family, address)
    kept = [server]
    for _ in range(20):
        kept += pair(server)
    # TIME-WAIT: who closes first waits. FIN-WAIT-2 and CLOSE-WAIT: one half is closed.
    first, second = pair(server)
    first.close()
    second.close()
    half, other = pair(server)
    half.shutdown(socket.SHUT_WR)
    # SYN-RECEIVED: the handshake is only finished once there is data.
    deferring = listener(family, address)
    deferring.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
    waiting = socket.create_connection(deferring.getsockname()[:2])
    idle = socket.socket(family, socket.SOCK_STREAM)
    idle.bind((address, 0))
    return [*kept, half, other, deferring, waiting, idle, *overrun(family, address)]


def overrun(family: int, address: str) -> Sockets:
    """SYN-SENT: a listener whose queue is full does not answer."""
    full = socket.socket(family, socket.SOCK_STREAM)
    full.bind((address, 0))
    full.listen(0)
    clients = [socket.socket(family, socket.SOCK_STREAM) for _ in range(3)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(full.getsockname())
    return [full, *clients]


def udp_sockets(family: int) -> Sockets:
    """UDP: bound, connected, on the wildcard, and bound to a device."""
    address = LOOPBACK[socket.AddressFamily(family)]
    made = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(4)]
    made[0].bind((address, 0))
    made[1].bind((address, 0))
    made[1].connect(made[0].getsockname())
    made[1].send(b"waiting to be read")
    made[2].bind(("", 0))
    made[3].setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    made[3].bind((address, 0))
    return made


def unix_sockets(directory: str) -> Sockets:
    """Unix listeners under every kind of name, and a few that do not listen."""
    names: list[str | bytes] = [
        f"{directory}/plain",
        f"{directory}/with a blank",
        f"{directory}/line\nend",
        f"{directory}/\u00fcml\u00e4ut".encode(),
        f"{directory}/".encode() + b"not utf-8 \xff\xfe",
        b"\0abstract",
        b"\0nul\0within\0",
        b"",
    ]
    made = [unix_listener(socket.SOCK_STREAM, name) for name in names]
    made.append(unix_listener(socket.SOCK_SEQPACKET, f"{directory}/packets"))
    caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    caller.connect(f"{directory}/plain")
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagrams.bind(f"{directory}/datagrams")
    return [*made, caller, datagrams, *socket.socketpair()]


def unix_listener(kind: int, name: str | bytes) -> socket.socket:
    """A unix listener; an empty name lets the kernel choose an abstract one."""
    made = socket.socket(socket.AF_UNIX, kind)
    made.bind(name)
    made.listen(5)
    return made


def answer(message: bytes) -> bytes:
    """All that the kernel sends in answer to a dump request."""
    received = bytearray()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as asking:
        asking.settimeout(5)
        asking.bind((0, 0))
        asking.send(message)
        while True:
            part = asking.recv(1 << 16)
            received += part
            if 3 in kinds(part):
                return bytes(received)


def kinds(part: bytes) -> list[int]:
    """The kinds of the messages in a datagram."""
    found, offset = [], 0
    while offset + HEADER_SIZE <= len(part):
        length, kind, *_ = HEADER.unpack_from(part, offset)
        found.append(kind)
        offset += (length + 3) & ~3
    return found


def as_nobody(message: bytes) -> bytes:
    """The same answer for somebody without CAP_NET_ADMIN, who is told one attribute less."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(NOBODY)
        os.write(writing, answer(message))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        received = pipe.read()
    os.waitpid(child, 0)
    return received


def inet_requests() -> dict[str, bytes]:
    """The dump requests, by the name of the file for their answer."""
    return {
        f"{transport}{version}": inet_diag.dump_request(transport, family, ALL_STATES, 1)
        for transport in (Transport.TCP, Transport.UDP, Transport.MPTCP)
        for version, family in (("4", socket.AF_INET), ("6", socket.AF_INET6))
    }


def save(name: str, data: bytes) -> None:
    """Writes one recording."""
    (PLACE / name).write_bytes(data)
    print(f"{len(data):7} bytes  {name}")


def record() -> None:
    """Writes every recording."""
    PLACE.mkdir(parents=True, exist_ok=True)
    requests = inet_requests()
    for name, message in requests.items():
        save(f"{name}.bin", answer(message))
        save(f"{name}-nobody.bin", as_nobody(message))
    save("unix.bin", answer(unix_diag.dump_request(ALL_STATES, 1)))
    # No protocol has this number: the end of the dump says ENOENT.
    unknown = bytearray(requests["tcp4"])
    unknown[HEADER_SIZE + 1] = 254
    save("unknown-protocol.bin", answer(bytes(unknown)))
    save("refused.bin", answer_to_nonsense())
    for table in ("tcp", "tcp6", "udp", "udp6", "unix"):
        save(f"{table}.txt", Path(f"/proc/self/net/{table}").read_bytes())


def answer_to_nonsense() -> bytes:
    """An error message: the request is too short to be one."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as asking:
        asking.settimeout(5)
        asking.bind((0, 0))
        asking.send(request(inet_diag.SOCK_DIAG_BY_FAMILY, 1, b"\x02"))
        return asking.recv(1 << 16)


def main() -> int:
    """Make the sockets, record them, let them go."""
    if os.geteuid():
        print("needs root and a network namespace of its own, see above", file=sys.stderr)
        return 2
    subprocess.run(["/sbin/ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="hp-") as directory:
        kept = [*tcp_sockets(socket.AF_INET), *tcp_sockets(socket.AF_INET6)]
        kept += [*udp_sockets(socket.AF_INET), *udp_sockets(socket.AF_INET6)]
        kept += [listener(socket.AF_INET6, "::", v6only=False), listener(socket.AF_INET, "")]
        dual = listener(socket.AF_INET6, "::", v6only=False)
        kept += [dual, socket.create_connection(("127.0.0.1", dual.getsockname()[1]))]
        many = listener(socket.AF_INET, "127.0.0.1", protocol=socket.IPPROTO_MPTCP)
        kept += [many, *unix_sockets(directory)]
        record()
        for each in kept:
            each.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
