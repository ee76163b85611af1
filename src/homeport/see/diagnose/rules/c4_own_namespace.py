"""C4: the client runs in a network namespace of its own, and the service outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.client.own or case.client.namespace is None or case.connected or case.here:
        return None
    if not case.elsewhere:
        return None
    there = case.elsewhere[0]
    return Verdict(
        (
            *told_attempts(case),
            (
                f"the client (pid {case.client.pid}) lives in network namespace "
                f"{case.client.namespace.inode}, which has a loopback of its own"
            ),
            f"the service is in another one, {there.netns}: {listener_words(there)}",
        ),
        "run the client outside of its sandbox, or let the service be reached from there: publish "
        f"port {case.port}, or share the namespace (docker: --network=host)",
    )


RULE = Rule(
    id="C4",
    title="the client runs in a network namespace of its own",
    layer=Layer.ENVIRONMENT,
    symptom="ECONNREFUSED from a sandbox or a container, while others connect",
    looks_for="/proc/CLIENT/ns/net differs from the namespace of the listener",
    fix="run the client outside, or publish the port into its namespace",
    judge=_judge,
)
