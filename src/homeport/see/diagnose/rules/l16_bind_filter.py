"""L16: a BPF program of the cgroup forbids to bind the port, as systemd's SocketBindDeny= does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confining import program_words, unit_of
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, told_attempts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.host.confined import Confinement, Program
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    who = _who(case)
    address = next(iter(case.addresses), "127.0.0.1")
    hook = "bind6" if is_ipv6(address) else "bind4"
    found = [each for one in who for each in one.programs or () if _counts(each, hook)]
    known = [each for each in case.confines.limits if each.bind_denied]
    limits = [each for each in known if each.denies_bind(address, case.port)]
    if not who or not (limits or (found and not known)):
        return None
    pids = {each.pid for each in who}
    told = [*told_attempts(case)]
    told += [
        f"{process_words(each)} names port {case.port}, and listens on nothing there"
        for each in case.naming[:1]
        if each.pid in pids and not case.binding
    ]
    told += [program_words(each) for each in found[:2]]
    told += [f"{each.unit} has SocketBindDeny={' '.join(each.bind_denied)}" for each in limits]
    unit = limits[0].unit if limits else unit_of(found[0].cgroup)
    return Verdict(
        tuple(told),
        f"systemctl edit {unit}, and write: [Service] / SocketBindAllow=tcp:{case.port}; then "
        f"systemctl restart {unit}",
        Sureness.SURE if limits else Sureness.LIKELY,
        tell_apart="does the server's log say “Operation not permitted” (EPERM) of bind? Then this",
    )


def _counts(program: Program, hook: str) -> bool:
    # What stands on the root is there on every cluster's node, and lets nearly all pass.
    return program.hook == hook and (program.of_systemd or program.cgroup != "/")


def _who(case: Case) -> Sequence[Confinement]:
    """Those who want the port, and have it not."""
    if case.binding:
        wanted = case.wanted
        if wanted is None or wanted.plain is not BindVerdict.FREE:
            return ()
        one = case.confines.asker or case.confines.client
        return () if one is None else (one,)
    if case.connected or case.here or not case.outcomes(Outcome.REFUSED):
        return ()
    return case.confines.servers


RULE = Rule(
    id="L16",
    title="a BPF program of the cgroup may forbid to bind the port (systemd: SocketBindDeny=)",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, and the server's log says EPERM (operation not permitted) on bind",
    looks_for="a BPF program for bind on the cgroup of the server; SocketBindDeny=",
    fix="systemctl edit UNIT: SocketBindAllow=",
    judge=_judge,
    needs_root="to see the programs of a cgroup",
)
