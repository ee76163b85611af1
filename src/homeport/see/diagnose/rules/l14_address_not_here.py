"""L14: the server is to listen on an address that this machine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is not BindVerdict.NOT_HERE:
        return None
    own = ", ".join(each.address for each in case.machine.addresses)
    return Verdict(
        (
            f"bind(2) to {wanted.address} says EADDRNOTAVAIL: {wanted.why}",
            f"this machine has: {own}",
        ),
        "bring the interface up that has the address (a VPN?), or listen on 127.0.0.1, or on "
        "0.0.0.0 for all; to bind it all the same: sysctl -w net.ipv4.ip_nonlocal_bind=1",
    )


RULE = Rule(
    id="L14",
    title="this machine does not have the address to listen on",
    layer=Layer.LISTENER,
    symptom="EADDRNOTAVAIL (cannot assign requested address) on bind",
    looks_for="an address that no interface has; with --bind",
    fix="bring the interface up, or listen on another address",
    judge=_judge,
)
