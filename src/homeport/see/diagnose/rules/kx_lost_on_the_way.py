"""KX: what is left when packets get lost within a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import queue_is_full
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.on_the_way import told_queues
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case


def _judge(case: Case) -> Verdict | None:
    failed = _failed(case)
    if failed is None or case.connected is not None or queue_is_full(case):
        return None
    reached = case.serving(failed.address)
    told = [listener_words(reached[0])] if reached else ["nobody listens there"]
    told += told_queues(case)
    hidden = case.firewall.why_hidden
    moved = [f"rule “{each}” of chain {each.place} counted packets" for each in case.firewall.moved]
    known = moved or ["no rule of nftables stops it"]
    told += [hidden] if hidden else known
    return Verdict(
        (failed.told, *told),
        "read the firewall as root (nft list ruleset), then look for what else filters: "
        "bpftool net; bpftool cgroup tree; tc filter show dev lo",
        Sureness.LIKELY,
    )


def _failed(case: Case) -> Attempt | None:
    for attempt in case.attempts:
        if attempt.outcome is Outcome.TIMED_OUT:
            return attempt
        if attempt.outcome is Outcome.REFUSED and _still(case, attempt.address):
            return attempt
    return None


def _still(case: Case, address: str) -> bool:
    """Whether somebody listened there before, and does so after."""
    inodes = {each.inode for each in case.serving(address)}
    return any(each.inode in inodes for each in (case.after or case.snapshot).listeners)


RULE = Rule(
    id="KX",
    title="something between client and server stops the connection",
    layer=Layer.FIREWALL,
    symptom="the connect times out or is refused, although somebody listens there",
    looks_for="a listener that would have accepted, no full queue, and no rule of nftables for it",
    fix="look for what else filters: BPF programs, XDP, tc, a VPN or security product",
    judge=_judge,
    needs_root="to read the rules of the firewall",
    general=True,
)
