"""A machine made by hand, to be explained: what the tests of the sentences share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.kernel import KernelLimits
from homeport.model.explanation import OwnAddress
from homeport.model.port import PortPolicy, PortRange
from homeport.see.explain.explain import explained, subject_of
from homeport.see.explain.facts import Facts
from homeport.see.explain.subject import read
from tests.report.samples import EVERYTHING, ME

if TYPE_CHECKING:
    from homeport.model.explanation import Explanation
    from homeport.model.snapshot import Snapshot

SERVICES = b"""
http\t80/tcp\twww
domain\t53/tcp
domain\t53/udp
postgresql\t5432/tcp\tpostgres
nfs\t2049/tcp
"""

FACTS = Facts(
    policy=PortPolicy(PortRange(32768, 60999), (PortRange(40000, 40010),), 1024),
    limits=KernelLimits(60, 4096, v6only_default=False, nonlocal_bind=False, ipv6=True),
    may_bind_any_port=False,
    services=SERVICES,
    addresses=(
        OwnAddress("127.0.0.1", "lo"),
        OwnAddress("::1", "lo"),
        OwnAddress("192.168.1.20", "eth0"),
        OwnAddress("fe80::1", "eth0"),
    ),
    uid=ME,
    own_uids=frozenset({ME}),
)


def told(text: str, snapshot: Snapshot = EVERYTHING, facts: Facts = FACTS) -> Explanation:
    """The explanation of a text on that machine."""
    reading = read(text)
    subject = subject_of(reading, snapshot, facts.services)
    return explained(subject, reading.mentions, snapshot, facts)
