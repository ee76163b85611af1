"""L25: a security module does not let the server bind the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.denied import denial_words, denied_to_bind
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.here or not (case.binding or case.outcomes(Outcome.REFUSED)):
        return None
    denied = denied_to_bind(case)
    if denied is None:
        return None
    selinux = denied.module == "SELinux"
    return Verdict(
        (*told_attempts(case), denial_words(denied)),
        f"semanage port -a -t http_port_t -p tcp {case.port}  (a type that the server may bind; -m "
        "where the port has one)"
        if selinux
        else f"in the profile {denied.context} below /etc/apparmor.d, add “network inet stream,”",
        Sureness.SURE if denied.port == case.port else Sureness.LIKELY,
        tell_apart="start the server again and read the end of the kernel's log: dmesg | tail",
    )


RULE = Rule(
    id="L25",
    title="SELinux or AppArmor does not let the server bind the port",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, and the server's log says EACCES (permission denied) on bind",
    looks_for="avc: denied { name_bind }, or AppArmor's denied bind, for the port",
    fix="semanage port -a, or a line in the profile",
    judge=_judge,
    needs_root="to read the log",
)
