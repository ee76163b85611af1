"""A container next to a namespace whose policy routing is that of a VPN's client (wg-quick(8))."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator

INSIDE = "172.31.99.2"


@contextmanager
def behind_a_vpn(*commands: str) -> Generator[Situation]:
    """A server in a namespace of its own, and a client in one with these rules and routes."""
    with network_namespace() as outside, network_namespace() as container:
        name = outside.name[-10:]
        outside.run(*f"ip link add v{name} type veth peer name eth0 netns {container.name}".split())
        outside.run(*f"ip addr add 172.31.99.1/24 dev v{name}".split())
        outside.run(*f"ip link set v{name} up".split())
        container.run(*f"ip addr add {INSIDE}/24 dev eth0".split())
        container.run("ip", "link", "set", "eth0", "up")
        for each in commands:
            outside.run("ip", *each.split())
        with python_server(HTTP, INSIDE, 8000, ready=8000, namespace=container):
            yield Situation(f"http://{INSIDE}:8000/", outside)
