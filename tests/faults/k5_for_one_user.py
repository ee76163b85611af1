"""K5: a rule of the firewall drops what one user sends, and that is the client."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeport.host.pulse import process_name
from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups")
RULES = """
table inet t {
  chain c { type filter hook output priority 0; meta skuid 65534 tcp dport 8000 counter drop; }
}
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
        spawn(
            ["nsenter", f"--net=/run/netns/{namespace.name}", "setpriv", *NOBODY, "sleep", "99"]
        ) as client,
    ):
        namespace.run(need("nft", package="nftables"), RULES)
        wait_until(lambda: process_name(client.pid) == "sleep")
        yield Situation("http://127.0.0.1:8000/", options=("--as", str(client.pid)))


FAULT = Fault("K5-as", "nft drops what the client's user sends", _make, cause="K5", root=True)
