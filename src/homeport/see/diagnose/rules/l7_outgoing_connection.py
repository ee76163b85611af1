"""L7: the port cannot be bound, for an outgoing connection was given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.model.sockets import TcpState
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.explain.names import who

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is not BindVerdict.TAKEN or case.here or case.bound:
        return None
    held = [
        each
        for each in case.snapshot.connections
        if each.local_port == case.port and each.state is not TcpState.TIME_WAIT
    ]
    if not held:
        return None
    told = [
        f"nobody listens on port {case.port}, and bind(2) says EADDRINUSE",
        f"{who(held[0])} has a connection from {held[0].local} to {held[0].remote}",
    ]
    policy = case.machine.policy
    if policy is not None and policy.assigns(case.port):
        told.append(
            f"the kernel hands out {policy.assigned} to outgoing connections, this one, too"
        )
    return Verdict(
        tuple(told),
        f"keep the port for the server: sysctl -w net.ipv4.ip_local_reserved_ports={case.port}; or "
        "let the server have one outside of that range",
    )


RULE = Rule(
    id="L7",
    title="an outgoing connection holds the port",
    layer=Layer.LISTENER,
    symptom="EADDRINUSE on bind, while nobody listens",
    looks_for="no listener, and a connection with the port at this end; with --bind",
    fix="reserve the port (ip_local_reserved_ports)",
    judge=_judge,
)
