"""What the firewall does to our packets: the rules on their way, and those whose counters moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.processes import user_name
from homeport.model.address import is_ipv6
from homeport.model.identity import Sureness
from homeport.model.record import NamedTuple
from homeport.see.diagnose.at_server import queue_is_full
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Verdict
from homeport.see.diagnose.words import listener_words
from homeport.wire.nft_path import Packet, met

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case
    from homeport.wire.nftables import FirewallRule

_EPHEMERAL = (32768, 60999)
_REFUSING = frozenset(
    {"tcp reset"} | {f"{each} port-unreachable" for each in ("icmp", "icmpv6", "icmpx")}
)
_LEAVING = ("egress", "output", "postrouting")
_OWNERS = ("skuid", "skgid")
_LOOPBACK = {False: "127.0.0.1", True: "::1"}


class Obstacle(NamedTuple):
    """A rule on our way: by how many packets its counter has grown (None without one).

    `sure`: all of its conditions are known to hold, and those of what stands before it. `answer`:
    it is the server's answer that meets it.
    """

    rule: FirewallRule
    grown: int | None
    sure: bool
    answer: bool
    hook: str

    @property
    def told(self) -> str:
        """The rule, where it stands, and what its counter says."""
        place = f"{self.rule.place} ({self.hook})"
        what = "answer to it" if self.answer else "connection"
        if self.rule.handle is None:
            return f"the policy of chain {place} is {self.rule.verdict}: no rule accepts the {what}"
        counted = "it has no counter" if self.grown is None else _counted(self.grown)
        return f"rule “{self.rule}” of chain {place} is met by the {what}; {counted}"


def _counted(packets: int) -> str:
    return f"its counter has grown by {packets} packet{'' if packets == 1 else 's'} meanwhile"


class Stop(NamedTuple):
    """An obstacle that explains what became of an attempt; `id` is the rule's that tells of it."""

    id: str
    obstacle: Obstacle
    attempt: Attempt


def stops(case: Case) -> tuple[Stop, ...]:
    """What explains the attempts that failed: one that is sure, or all that may."""
    found = [
        Stop(_kind(each), each, attempt)
        for attempt in case.attempts
        for each in obstacles(case, attempt)
        if _explains(case, each, attempt)
    ]
    return tuple([each for each in found if each.obstacle.sure][:1] or found)


def _explains(case: Case, obstacle: Obstacle, attempt: Attempt) -> bool:
    """Whether what the rule does is what the client has met."""
    rule = obstacle.rule
    if rule.redirects:
        return attempt.outcome is not Outcome.CONNECTED
    if attempt.outcome is Outcome.TIMED_OUT:
        return not queue_is_full(case) and (rule.verdict != "reject" or obstacle.answer)
    if rule.verdict != "reject" or obstacle.answer:
        return False
    if attempt.outcome is Outcome.REFUSED:
        return rule.how in _REFUSING and bool(case.serving(attempt.address))
    return attempt.outcome is not Outcome.CONNECTED and rule.how not in _REFUSING


def _kind(obstacle: Obstacle) -> str:
    rule = obstacle.rule
    if rule.redirects:
        return "K6"
    if rule.handle is None:
        return "K3"
    if obstacle.answer:
        return "K7"
    if whom(rule):
        return "K5"
    if rule.verdict == "reject":
        return "K2" if rule.how == "tcp reset" else "K4"
    return "K5" if obstacle.hook in _LEAVING else "K1"


def whom(rule: FirewallRule) -> tuple[str, ...]:
    """The users that a rule is for, by number, empty where it is for all."""
    return next((each.values for each in rule.matches if each.field in _OWNERS), ())


def judged(case: Case, number: str) -> Verdict | None:
    """The verdict of a rule about the firewall, where one of its kind explains the failure."""
    found = next((each for each in stops(case) if each.id == number), None)
    if found is None:
        return None
    rule = found.obstacle.rule
    reached = case.serving(found.attempt.address)
    listening = f"{listener_words(reached[0])}" if reached else f"nobody listens on {case.port}"
    users = " and ".join(map(user_words, whom(rule)))
    told = (f"the rule is for {users} alone",) if users else ()
    return Verdict(
        (found.attempt.told, listening, *told_queues(case), found.obstacle.told, *told),
        removal(rule, case.port),
        Sureness.SURE if found.obstacle.sure else Sureness.LIKELY,
        tell_apart=f"watch the counter: nft list chain {rule.place}, before and after",
    )


def told_queues(case: Case) -> tuple[str, ...]:
    """That the listener is not to blame: nothing waits for it, and no queue was found full."""
    if not case.served_by:
        return ()
    waiting = sum(each.queue for each in case.served_by)
    full = "" if case.counters is None else f", {case.counters.overflows} found its queue full"
    return (f"{waiting} connections wait there{full}",)


def user_words(number: str) -> str:
    """A user of a rule: `www-data (uid 33)`."""
    name = user_name(int(number)) if number.isdigit() else None
    return f"{name} (uid {number})" if name else f"uid {number}"


def obstacles(case: Case, attempt: Attempt) -> tuple[Obstacle, ...]:
    """What stops or redirects our packets to an address, or the answer.

    A rule whose counter stood still was not met, whatever it looks like; so the others remain.
    """
    before = {(each.place, each.handle): each.packets or 0 for each in case.firewall.before}
    packet = _packet(case, attempt.address.partition("%")[0])
    found: list[Obstacle] = []
    for way in (packet, packet.back):
        for each in met(case.firewall.after, way):
            rule = each.rule
            grown = None
            if rule.packets is not None:
                grown = rule.packets - before.get((rule.place, rule.handle), rule.packets)
            if grown != 0 and not any(rule == known.rule for known in found):
                found.append(Obstacle(rule, grown, each.certain, way.answer, each.hook))
    return tuple(found)


def _packet(case: Case, address: str) -> Packet:
    policy = case.machine.policy
    loopback = _LOOPBACK[is_ipv6(address)]
    local = address.startswith("127.") or address == "::1"
    own = local or any(each.address == address for each in case.machine.addresses)
    return Packet(
        source=loopback if local else address,
        target=address,
        source_port=(policy.assigned.first, policy.assigned.last) if policy else _EPHEMERAL,
        target_port=(case.port, case.port),
        uid=case.client.uid,
        interface="lo" if own else None,
    )


def removal(rule: FirewallRule, port: int) -> str:
    """What lets the port through again."""
    if rule.table == "firewalld":
        return f"firewall-cmd --add-port={port}/tcp"
    if rule.chain.startswith("ufw"):
        return f"ufw allow {port}/tcp"
    if rule.handle is None:
        interface = "oif" if rule.hook in ("output", "postrouting") else "iif"
        return f'nft insert rule {rule.place} {interface} "lo" accept'
    return f"nft delete rule {rule.place} handle {rule.handle}"
