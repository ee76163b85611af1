"""A name server that gives every name the same address, and the files by which it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.servers import files_of, python_server

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from tests.support import Namespace

# RFC 1035, 4.1: the question comes back, with one A record for it; none for other types.
_SOURCE = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.53", 53))
print("ready")
while True:
    asked, peer = server.recvfrom(512)
    end = asked.index(0, 12) + 5
    is_a = asked[end - 4:end - 2] == bytes([0, 1])
    record = bytes.fromhex("c00c000100010000003c0004") + socket.inet_aton(sys.argv[1])
    head = asked[:2] + bytes([0x81, 0x80, 0, 1, 0, is_a, 0, 0, 0, 0])
    server.sendto(head + asked[12:end] + (record if is_a else b""), peer)
"""


@contextmanager
def name_server(namespace: Namespace, address: str) -> Generator[None]:
    """Answers at 127.0.0.53 within the namespace."""
    with python_server(_SOURCE, address, ready="ready", namespace=namespace):
        yield


def files_of_resolver(namespace: Namespace, hosts: str) -> AbstractContextManager[None]:
    """The files below /etc by which it is asked, after the hosts file."""
    return files_of(
        namespace,
        hosts=hosts,
        nsswitch__conf="hosts: files dns\n",
        resolv__conf="nameserver 127.0.0.53\n",
    )
