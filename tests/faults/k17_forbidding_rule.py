"""K17: a rule forbids all that is not the VPN's, and a container is not reached."""

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
    with behind_a_vpn("rule add not fwmark 0x6d6f prohibit") as situation:
        yield situation


FAULT = Fault("K17r", "a rule forbids all that is not the VPN's", _make, cause="K17", root=True)
