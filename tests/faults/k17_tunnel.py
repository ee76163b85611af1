"""K17: a VPN's rule sends all into its tunnel, and a container is not reached."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.kill_switch import behind_a_vpn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with behind_a_vpn(
        "tuntap add dev tun9 mode tun",
        "link set tun9 up",
        "rule add not fwmark 0xca6c table 51820",
        "route add default dev tun9 table 51820",
    ) as situation:
        yield situation


FAULT = Fault("K17t", "a VPN's rule sends all into its tunnel", _make, cause="K17", root=True)
