"""Sandboxes of the client."""

import errno

from homeport.host.confined import Confinement
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.c11_sandbox import RULE
from tests.see.diagnose.rules.made_up import made_up


def forbidden(code: int, *, seccomp: bool | None, no_new: bool | None) -> Case:
    client = Confinement(4711, "/", (), seccomp, no_new)
    return made_up(Outcome.FAILED, code=code, confines=Confines(client=client))


def test_a_seccomp_filter_or_landlock_is_likely() -> None:
    for code, seccomp, no_new, word in (
        (errno.EPERM, True, True, "seccomp"),
        (errno.EACCES, True, False, "seccomp"),
        (errno.EACCES, False, True, "Landlock"),
    ):
        verdict = RULE.judge(forbidden(code, seccomp=seccomp, no_new=no_new))
        assert verdict is not None
        assert verdict.certainty is Sureness.LIKELY
        assert word in " ".join(verdict.evidence)


def test_it_is_silent_without_a_sandbox_and_for_other_errors() -> None:
    assert RULE.judge(forbidden(errno.EPERM, seccomp=False, no_new=True)) is None
    assert RULE.judge(forbidden(errno.EACCES, seccomp=False, no_new=False)) is None
    assert RULE.judge(forbidden(errno.EACCES, seccomp=None, no_new=None)) is None
    assert RULE.judge(forbidden(errno.EMFILE, seccomp=True, no_new=True)) is None
    case = forbidden(errno.EACCES, seccomp=True, no_new=True)
    away = case.resolution._replace(addresses=("172.17.0.2",))
    assert RULE.judge(case._replace(resolution=away)) is None
    assert RULE.judge(made_up(Outcome.REFUSED)) is None
    assert RULE.judge(made_up(Outcome.FAILED, code=errno.EPERM)) is None
