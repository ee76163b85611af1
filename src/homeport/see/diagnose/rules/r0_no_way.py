"""R0: what is left when the kernel knows no way to the address."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


_TOLD = {
    errno.ENETUNREACH: "the kernel has no route to it",
    errno.EHOSTUNREACH: "the host does not answer there, or a router or firewall says so",
    errno.EACCES: "a route or a security module (SELinux, AppArmor, Landlock) forbids it",
    errno.EPERM: "a BPF program of the cgroup, a seccomp filter or a security module forbids it",
    errno.EINVAL: "the kernel takes the address for one that nobody can have",
    errno.EADDRNOTAVAIL: "the kernel has no address to connect from",
}
_MORE = {
    errno.EPERM: "look, as root, for what forbids it: bpftool cgroup tree; grep Seccomp "
    "/proc/self/status; dmesg | tail",
    errno.EACCES: "look, as root, for what forbids it: ip rule; ip route show table all; grep "
    "NoNewPrivs /proc/self/status; dmesg | grep -i denied",
}
_OUTCOMES = (Outcome.UNREACHABLE, Outcome.NO_ADDRESS, Outcome.FAILED)


def _judge(case: Case) -> Verdict | None:
    failed = [each for each in case.attempts if each.outcome in _OUTCOMES]
    if case.connected is not None or not failed:
        return None
    first = failed[0]
    told = _TOLD.get(first.errno or 0)
    addresses = {each.address for each in case.machine.addresses}
    plain = first.address.partition("%")[0]
    own = "is" if plain in addresses else "is not"
    return Verdict(
        (
            *(each.told for each in failed),
            *filter(None, [told]),
            f"{plain} {own} an address of this machine",
            *(f"the interface {each} is down" for each in case.machine.down),
        ),
        _MORE.get(first.errno or 0, f"ip route get {plain}; ip rule; nft list ruleset"),
        Sureness.LIKELY,
    )


RULE = Rule(
    id="R0",
    title="there is no way to the address",
    layer=Layer.ROUTE,
    symptom="ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, or another error of connect(2) at once",
    looks_for="an error of connect(2) that is no refusal and no timeout, and no other reason",
    fix="ip route get ADDRESS",
    judge=_judge,
    general=True,
)
