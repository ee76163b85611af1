"""The table of tracked connections: full, or not to blame."""

from homeport.host.conntrack import Tracking
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.k8_connections_table_full import RULE
from homeport.wire.conntrack import Refusals
from tests.see.diagnose.rules.made_up import made_up

FULL = Confines(tracking=Tracking(262_144, 262_144), refused=Refusals(2, 2))


def test_a_full_table_that_dropped_packets_is_sure() -> None:
    verdict = RULE.judge(made_up(confines=FULL))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "262144 of 262144 connections are tracked (nf_conntrack)" in verdict.evidence
    assert "nf_conntrack_max=524288" in verdict.fix


def test_a_table_that_is_full_for_a_moment_is_likely() -> None:
    verdict = RULE.judge(
        made_up(confines=Confines(tracking=Tracking(99, 100), refused=Refusals(1)))
    )
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY
    assert RULE.judge(made_up(confines=Confines(tracking=Tracking(100, 100)))) is not None


def test_it_is_silent_where_there_is_room_or_no_table_or_another_end() -> None:
    room = Confines(tracking=Tracking(99, 262_144), refused=Refusals(0, 0))
    assert RULE.judge(made_up(confines=room)) is None
    assert RULE.judge(made_up(confines=Confines(tracking=Tracking(0, 0)))) is None
    assert RULE.judge(made_up()) is None
    assert RULE.judge(made_up(Outcome.REFUSED, confines=FULL)) is None
    assert RULE.judge(made_up(Outcome.CONNECTED, confines=FULL)) is None
