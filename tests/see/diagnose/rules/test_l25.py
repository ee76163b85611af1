"""A security module that keeps a server from its port."""

import pytest

from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.l25_bind_denied import RULE
from homeport.wire.denials import parse_denial
from tests.see.diagnose.recorded_denials import APPARMOR_BIND, BIND, CLIENT
from tests.see.diagnose.rules.made_up import SERVER, made_up


def confined(line: str) -> Confines:
    denied = parse_denial(line)
    assert denied is not None
    return Confines(denials=(denied,))


@pytest.mark.parametrize(
    ("line", "fix"), [(BIND, "semanage port -a"), (APPARMOR_BIND, "in the profile web")]
)
def test_a_denied_bind_explains_that_nobody_listens(line: str, fix: str) -> None:
    verdict = RULE.judge(made_up(Outcome.REFUSED, listeners=(), confines=confined(line)))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert verdict.fix.startswith(fix)


def test_it_explains_why_one_cannot_bind() -> None:
    free = BindVerdict.FREE
    case = made_up(
        Outcome.REFUSED,
        listeners=(),
        confines=confined(BIND),
        binding=(BindAnswer("127.0.0.1", free, free, free),),
    )
    assert RULE.judge(case._replace(attempts=())) is not None


def test_without_a_port_in_the_record_the_process_has_to_name_it() -> None:
    denied = parse_denial(APPARMOR_BIND)
    assert denied is not None
    confines = Confines(denials=(denied._replace(port=None),))
    case = made_up(Outcome.REFUSED, listeners=(), confines=confines)
    assert RULE.judge(case) is None
    verdict = RULE.judge(case._replace(naming=(SERVER._replace(pid=900),)))
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY


def test_it_is_silent_where_somebody_listens_or_the_denial_is_another() -> None:
    assert RULE.judge(made_up(Outcome.REFUSED, confines=confined(BIND))) is None
    assert RULE.judge(made_up(Outcome.REFUSED, listeners=(), confines=confined(CLIENT))) is None
    assert RULE.judge(made_up(Outcome.REFUSED, listeners=())) is None
