"""C11: a sandbox around the client forbids to connect: a seccomp filter, or Landlock."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is not None:
        return None
    found = [each for each in case.attempts if each.outcome is Outcome.FAILED]
    told = next((words for each in found if (words := _sandbox(case, each))), None)
    if told is None or not case.is_loopback:
        return None
    listening = tuple(listener_words(each) for each in case.served_by[:1])
    return Verdict(
        (found[0].told, *listening, told),
        "run the client outside of its sandbox, or let the sandbox permit the network (docker: "
        "--security-opt seccomp=FILE; systemd: SystemCallFilter=, RestrictAddressFamilies=)",
        Sureness.LIKELY,
        tell_apart="does curl, outside of the sandbox, come through?",
    )


def _sandbox(case: Case, attempt: Attempt) -> str | None:
    """What forbids it, in words. Landlock says EACCES; a seccomp filter whatever it was told to."""
    client = case.confines.client
    if client is None:
        return None
    status = f"/proc/{client.pid}/status"
    if client.seccomp and attempt.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS):
        return f"a seccomp filter looks at the client's system calls (Seccomp in {status})"
    if client.no_new_privileges and attempt.errno == errno.EACCES:
        return (
            f"the client has given up new privileges (NoNewPrivs in {status}), as sandboxes that "
            "use Landlock have, and Landlock forbids with EACCES"
        )
    return None


RULE = Rule(
    id="C11",
    title="a sandbox around the client forbids to connect (seccomp, Landlock)",
    layer=Layer.ENVIRONMENT,
    symptom="EPERM or EACCES on connect at once, on loopback too, while others connect",
    looks_for="Seccomp and NoNewPrivs in /proc/PID/status of the client",
    fix="run the client outside of the sandbox, or let it permit the network",
    judge=_judge,
)
