"""AppArmor: a denial of the client, and none."""

import errno

from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.k12_apparmor import RULE
from homeport.wire.denials import parse_denial
from tests.see.diagnose.recorded_denials import APPARMOR, APPARMOR_BIND, CLIENT
from tests.see.diagnose.rules.made_up import made_up


def confined(line: str) -> Confines:
    denied = parse_denial(line)
    assert denied is not None
    return Confines(denials=(denied,))


def test_the_clients_own_denial_is_sure() -> None:
    verdict = RULE.judge(made_up(Outcome.FAILED, code=errno.EACCES, confines=confined(APPARMOR)))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "“network inet stream,”" in verdict.fix
    assert "/usr/bin/fetch" in verdict.fix


def test_it_is_silent_otherwise() -> None:
    for line in (APPARMOR_BIND, CLIENT):
        case = made_up(Outcome.FAILED, code=errno.EACCES, confines=confined(line))
        assert RULE.judge(case) is None
    assert RULE.judge(made_up(Outcome.REFUSED, confines=confined(APPARMOR))) is None
    assert (
        RULE.judge(made_up(Outcome.FAILED, code=errno.EPERM, confines=confined(APPARMOR))) is None
    )
    assert RULE.judge(made_up(Outcome.FAILED, code=errno.EACCES)) is None
