"""K8: the table of tracked connections is full.

How many may be tracked is a setting of the whole machine, and stays as it is: the namespace's own
table is filled up to it, with entries that are not thrown out early (IPS_ASSURED).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator

_MOST = 300_000
# nfnetlink(7), linux/netfilter/nfnetlink_conntrack.h: IPCTNL_MSG_CT_NEW for UDP flows.
_FILL = """
import socket, struct, sys
def attribute(kind, data):
    size = 4 + len(data)
    return struct.pack("=HH", size, kind) + data + bytes(-size % 4)
def way(kind, source, target, ports):
    addresses = attribute(0x8001, attribute(1, source) + attribute(2, target))
    protocol = attribute(1, b"\\x11") + attribute(2, ports[:2]) + attribute(3, ports[2:])
    return attribute(0x8000 | kind, addresses + attribute(0x8002, protocol))
def entry(number):
    here, there = b"\\x0a\\0\\0\\x01", b"\\x0a\\x01" + struct.pack(">H", number >> 16)
    ports = struct.pack(">HH", 1, number & 0xFFFF)
    body = struct.pack(">BBH", socket.AF_INET, 0, 0)
    body += way(1, here, there, ports) + way(2, there, here, ports[2:] + ports[:2])
    body += attribute(3, struct.pack(">I", 2 | 4 | 8)) + attribute(7, struct.pack(">I", 600))
    return struct.pack("=IHHII", 16 + len(body), 0x100, 0x601, number, 0) + body
most = int(open("/proc/sys/net/netfilter/nf_conntrack_max").read())
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as link:
    for first in range(0, most + 200, 100):
        link.send(b"".join(map(entry, range(first, first + 100))))
print(open("/proc/sys/net/netfilter/nf_conntrack_count").read().strip(), "of", most)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    need("nft", package="nftables")
    with network_namespace() as namespace:
        try:
            most = int(Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text(encoding="ascii"))
        except FileNotFoundError:
            pytest.skip("this kernel tracks no connections")
        if most > _MOST:
            pytest.skip(f"it would take {most} entries to fill the table")
        namespace.run("nft", "add table inet t")
        namespace.run("nft", "add chain inet t c { type filter hook input priority 0; }")
        namespace.run("nft", "add rule inet t c ct state established accept")
        with python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace):
            namespace.run(sys.executable, "-c", _FILL)
            yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault(
    "K8", "the table of tracked connections is full", _make, cause="K8", root=True, slow=True
)
