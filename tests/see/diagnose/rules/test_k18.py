"""Interfaces that lose packets."""

from homeport.host.traffic_control import Crossing
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.k18_at_the_interface import RULE
from homeport.wire.conntrack import Refusals
from homeport.wire.traffic_control import Discipline
from tests.see.diagnose.rules.made_up import made_up

ALL = Crossing("lo", (Discipline("netem", 3, 1.0),))
SOME = Crossing("lo", (Discipline("netem", 0, 0.3),))
SHAPED = Crossing("lo", (Discipline("tbf", 2),))
XDP = Crossing("lo", (Discipline("noqueue"),), ("XDP: drop_all (id 7)",))


def test_netem_that_loses_all_is_sure() -> None:
    verdict = RULE.judge(made_up(confines=Confines(crossing=ALL)))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert verdict.fix == "tc qdisc del dev lo root"


def test_what_may_have_dropped_it_is_likely() -> None:
    for crossing in (SOME, SHAPED, XDP):
        verdict = RULE.judge(made_up(confines=Confines(crossing=crossing)))
        assert verdict is not None
        assert verdict.certainty is Sureness.LIKELY
        assert ("xdp off" in verdict.fix) is bool(crossing.programs)


def test_it_is_silent_where_nothing_was_dropped_or_something_else_did() -> None:
    for kind in (Discipline("noqueue"), Discipline("fq_codel", 9), Discipline("tbf", 0)):
        assert RULE.judge(made_up(confines=Confines(crossing=Crossing("lo", (kind,))))) is None
    assert RULE.judge(made_up(Outcome.REFUSED, confines=Confines(crossing=ALL))) is None
    assert RULE.judge(made_up(listeners=(), confines=Confines(crossing=ALL))) is None
    full = Confines(crossing=SHAPED, refused=Refusals(1, 0))
    assert RULE.judge(made_up(confines=full)) is None
    assert RULE.judge(made_up()) is None
