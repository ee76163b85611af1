"""K16: a BPF program of the cgroup stops the connection, as systemd's IPAddressDeny= does."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confining import (
    filter_of,
    limits_of,
    mend_address,
    no_other_way_to_drop,
    program_words,
    proof_words,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is not None:
        return _of_another(case)
    for attempt in case.attempts:
        found = _forbidden(case, attempt) or _dropped(case, attempt)
        if found is not None:
            return found
    return None


def _forbidden(case: Case, attempt: Attempt) -> Verdict | None:
    """connect(2) itself says EPERM: a program of the hook connect, if it is not seccomp."""
    client = case.confines.client
    if attempt.errno != errno.EPERM or client is None:
        return None
    hook = "connect6" if is_ipv6(attempt.address) else "connect4"
    found = [each for each in client.programs or () if each.hook == hook]
    if not found:
        return None
    # What stands on the root is there on every cluster's node, and lets nearly all pass.
    sure = client.seccomp is False and any(each.cgroup != "/" for each in found)
    return Verdict(
        (attempt.told, *_reached(case, attempt), *(program_words(each) for each in found)),
        f"bpftool cgroup show {found[0].cgroup} tells who has attached it; stop that, or run the "
        "client in another cgroup (unit)",
        Sureness.SURE if sure else Sureness.LIKELY,
        title="a BPF program of the client's cgroup forbids to connect",
        tell_apart="run the client without its seccomp filter, or in another cgroup",
    )


def _dropped(case: Case, attempt: Attempt) -> Verdict | None:
    if attempt.outcome is not Outcome.TIMED_OUT or not no_other_way_to_drop(case, attempt):
        return None
    limits = limits_of(case, attempt.address)
    proof = case.confines.dropping
    found = tuple(dict.fromkeys(each.program for each in proof)) or filter_of(case)
    if not found and limits is None:
        return None
    told = [attempt.told, *_reached(case, attempt), *(program_words(each) for each in found)]
    told += [proof_words(each) for each in proof[:2]]
    if limits is not None:
        told.append(f"{limits.unit} has IPAddressDeny={' '.join(limits.denied)}")
    return Verdict(
        tuple(told),
        mend_address(case, found, limits),
        Sureness.SURE if proof or limits is not None else Sureness.LIKELY,
        tell_apart="run the client, or the server, outside of that cgroup",
    )


def _of_another(case: Case) -> Verdict | None:
    """We came through; the client whose eyes these are may not, in its own cgroup."""
    asker, reached = case.confines.asker, case.connected
    if asker is None or reached is None or not asker.programs:
        return None
    own = {each.number for each in (case.confines.client or asker).programs or ()}
    hooks = ("egress", "ingress", "connect6" if is_ipv6(reached.address) else "connect4")
    found = [each for each in asker.programs if each.hook in hooks and each.number not in own]
    if not found:
        return None
    limits, proof = limits_of(case, reached.address), case.confines.dropping
    told = (
        f"homeport itself, outside of the cgroup of process {asker.pid}, comes through",
        *(program_words(each) for each in found),
    )
    fix = mend_address(case, tuple(found), limits)
    known = [] if limits is None else [f"{limits.unit} has IPAddressDeny={' '.join(limits.denied)}"]
    known += [proof_words(each) for each in proof[:2]]
    if not known:
        return Verdict((f"{'; '.join(told)}: it may stop that process",), fix, note=True)
    return Verdict((reached.told, *told, *known), fix, Sureness.SURE)


def _reached(case: Case, attempt: Attempt) -> tuple[str, ...]:
    return tuple(listener_words(each) for each in case.serving(attempt.address)[:1])


RULE = Rule(
    id="K16",
    title="a BPF program of the cgroup stops the connection (systemd: IPAddressDeny=)",
    layer=Layer.FIREWALL,
    symptom="the connect times out, or says EPERM, though no firewall has a rule for it",
    looks_for="BPF programs on the cgroups of both ends, and what they say of a SYN",
    fix="systemctl edit UNIT: IPAddressAllow=localhost",
    judge=_judge,
    needs_root="to see the programs of a cgroup",
)
