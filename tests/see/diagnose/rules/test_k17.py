"""Policy routing as VPN clients set it up."""

import errno

from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.k17_kill_switch import RULE
from homeport.see.diagnose.rules.r1_dead_end import RULE as R1
from homeport.wire.policy_routing import PolicyRule, Way
from homeport.wire.routes import DeadEnd
from tests.see.diagnose.rules.made_up import MACHINE, made_up

WIREGUARD = PolicyRule(32765, table="51820", mark="0xca6c", inverted=True)
FORBIDS = PolicyRule(100, action="prohibit", mark="0x6d6f", inverted=True)
END = DeadEnd("prohibit", "default", "51820")


def lost(code: int, *rules: PolicyRule, ends: tuple[DeadEnd, ...] = (), tunnel: str = "") -> Case:
    outcome = {errno.ETIMEDOUT: Outcome.TIMED_OUT}.get(code, Outcome.FAILED)
    ways = (Way("172.17.0.2", tunnel or "docker0"),)
    confines = Confines(rules=rules, ways=ways, tunnels=(tunnel,) if tunnel else ())
    return made_up(
        outcome,
        code=code,
        target="http://172.17.0.2:8000/",
        address="172.17.0.2",
        confines=confines,
        machine=MACHINE._replace(routes=ends),
    )


def test_a_dead_end_of_the_vpns_table_is_sure_and_told_once() -> None:
    case = lost(errno.EACCES, WIREGUARD, ends=(END,))
    verdict = RULE.judge(case)
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "table 51820 has the route “prohibit default”" in verdict.evidence
    assert "ip rule add to 172.17.0.2 lookup main priority 32764" in verdict.fix
    assert R1.judge(case) is None


def test_a_rule_that_forbids_is_sure() -> None:
    verdict = RULE.judge(lost(errno.EACCES, FORBIDS))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    plain = RULE.judge(lost(errno.EACCES, FORBIDS._replace(mark=None, inverted=False)))
    assert plain is not None
    assert plain.fix == "ip rule del priority 100"


def test_a_tunnel_without_an_answer_is_likely() -> None:
    verdict = RULE.judge(lost(errno.ETIMEDOUT, WIREGUARD, tunnel="wg0"))
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY


def test_it_is_silent_where_the_rule_does_not_fit() -> None:
    assert RULE.judge(lost(errno.EACCES, WIREGUARD)) is None
    assert RULE.judge(lost(errno.EPERM, FORBIDS)) is None
    assert RULE.judge(lost(errno.EACCES, FORBIDS._replace(narrow=True))) is None
    assert RULE.judge(lost(errno.EACCES, FORBIDS._replace(inverted=False))) is None
    assert RULE.judge(lost(errno.EACCES, FORBIDS._replace(family=6))) is None
    assert RULE.judge(lost(errno.ETIMEDOUT, WIREGUARD)) is None
    assert RULE.judge(lost(errno.EACCES, WIREGUARD._replace(mark=None), ends=(END,))) is None
