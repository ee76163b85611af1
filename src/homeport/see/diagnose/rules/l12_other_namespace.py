"""L12: the listener is there, in another network namespace: a container, a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.here or not case.client.own or not case.elsewhere:
        return None
    if not (case.outcomes(Outcome.REFUSED) or any(_to_us(case, each) for each in case.attempts)):
        return None
    there = case.elsewhere[0]
    names = {each.inode: each.name for each in case.snapshot.namespaces}
    place = names.get(there.netns) or str(there.netns)
    container = next((owner.container for owner in there.owners if owner.container), None)
    inside = f", in the {container.runtime} container {container.id[:12]}" if container else ""
    return Verdict(
        (
            *told_attempts(case),
            f"in network namespace {place}{inside}: {listener_words(there)}",
            "each network namespace has a loopback and ports of its own",
        ),
        f"publish the port (docker: -p 127.0.0.1:{case.port}:{case.port}), use an address of that "
        f"namespace, or run the client in it: nsenter -t PID -n",
        # Anybody may have the port within a namespace of their own: it need not be the service.
        Sureness.LIKELY,
        tell_apart="is it the service that is meant, or another one on the same port?",
    )


def _to_us(case: Case, attempt: Attempt) -> bool:
    """Whether a connection timed out that did not even leave for that namespace."""
    own = {each.address for each in case.machine.addresses}
    here = case.is_loopback or attempt.address.partition("%")[0] in own
    return attempt.outcome is Outcome.TIMED_OUT and here


RULE = Rule(
    id="L12",
    title="the service listens in another network namespace",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED on the host, while it works within the container",
    looks_for="a listener of the port in a namespace that is not the client's",
    fix="publish the port, or connect from within",
    judge=_judge,
    needs_root="to look into the namespaces of others",
)
