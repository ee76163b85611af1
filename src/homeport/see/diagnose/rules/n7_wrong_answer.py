"""N7: a resolver gives a local name an address that is not of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import Scope, scope_of
from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.model.target import is_localhost
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

# RFC 6762 (local), 2606 (test), 8375 (home.arpa), and what routers and ICANN have set aside.
_LOCAL = (".local", ".test", ".home.arpa", ".internal", ".lan", ".home", ".localdomain", ".dev")


def _judge(case: Case) -> Verdict | None:
    found, name = case.resolution, case.resolution.name.rstrip(".").lower()
    strange = [each for each in found.addresses if _is_strange(case, each)]
    if (
        not case.machine.addresses
        or not strange
        or len(strange) < len(found.addresses)
        or found.addresses == (found.name,)
    ):
        return None
    if case.talk is not None and case.talk.healthy:
        return None
    if is_localhost(name):
        return Verdict(
            (*_told(case), "whatever is below localhost is loopback's (RFC 6761, 6.3)"),
            _mend(case),
            title=f"{found.name} is given an address that is not loopback's",
        )
    if not (name.endswith(_LOCAL) or "." not in name) or not case.here:
        return None
    return Verdict(
        _told(case),
        _mend(case),
        Sureness.LIKELY,
        tell_apart=f"is {strange[0]} where the service is meant to run? Else this",
    )


def _is_strange(case: Case, address: str) -> bool:
    plain = address.partition("%")[0]
    own = {each.address for each in case.machine.addresses}
    return plain not in own and scope_of(plain) not in (Scope.LOOPBACK, Scope.UNSPECIFIED)


def _told(case: Case) -> tuple[str, ...]:
    found = case.resolution
    told = f"{found.name} is {', '.join(found.addresses)}, and that is no address of this machine"
    if found.in_hosts:
        source = f"the hosts file gives it {', '.join(found.in_hosts)}"
    else:
        servers = ", ".join(case.confines.nameservers) or "not told"
        source = f"the hosts file does not have the name; name servers are: {servers}"
    here = [f"here, port {case.port} has {listener_words(each)}" for each in case.here[:1]]
    return (told, source, *told_attempts(case), *here)


def _mend(case: Case) -> str:
    found = case.resolution
    if found.in_hosts:
        return f"in /etc/hosts, give {found.name} the address 127.0.0.1"
    return (
        f"echo '127.0.0.1 {found.name}' >> /etc/hosts; and have the VPN or the name server "
        "answer for its own names only (resolvectl domain)"
    )


RULE = Rule(
    id="N7",
    title="a name server gives a local name an address elsewhere",
    layer=Layer.NAME,
    symptom="the connect goes elsewhere: a timeout, a refusal, another's answer; often with a VPN",
    looks_for="addresses that are not of this machine, for localhost or a local name",
    fix="a line in the hosts file, and the name server's or VPN's search domains",
    judge=_judge,
)
