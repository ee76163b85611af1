"""L21: the port is one that only privileged programs may bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is not BindVerdict.NOT_PERMITTED:
        return None
    return Verdict(
        (f"bind(2) to port {case.port} says EACCES: {wanted.why}",),
        "listen on a port from 1024 up, or give the program the capability: setcap "
        "cap_net_bind_service=+ep PROGRAM; or sysctl -w net.ipv4.ip_unprivileged_port_start="
        f"{case.port}",
    )


RULE = Rule(
    id="L21",
    title="this user may not bind the port",
    layer=Layer.LISTENER,
    symptom="EACCES (permission denied) on bind",
    looks_for="a port below ip_unprivileged_port_start, and no CAP_NET_BIND_SERVICE; with --bind",
    fix="take a higher port, or give the program the capability",
    judge=_judge,
)
