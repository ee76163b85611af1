"""Linux below Windows: who may listen on the other side."""

from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome, Talk
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.l26_windows_side import RULE
from homeport.wire.exchange import Ended, Heard
from tests.see.diagnose.rules.made_up import HEALTHY, LISTENER, SERVER, made_up

WSL = Confines(kernel="5.15.153.1-microsoft-standard-WSL2", nameservers=("172.22.16.1",))


def nobody(outcome: Outcome = Outcome.REFUSED, confines: Confines = WSL) -> Case:
    return made_up(outcome, listeners=(), confines=confines)


def test_a_refusal_below_windows_is_likely() -> None:
    verdict = RULE.judge(nobody())
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY
    assert "172.22.16.1" in verdict.fix
    assert "netstat.exe" in (verdict.tell_apart or "")


def test_an_answer_of_nobody_here_is_of_windows() -> None:
    case = nobody(Outcome.CONNECTED)._replace(talk=Talk(Heard(b"", Ended.RESET)))
    verdict = RULE.judge(case)
    assert verdict is not None
    assert verdict.title is not None
    assert RULE.judge(case._replace(talk=HEALTHY)) is None


def test_it_is_silent_on_other_kernels_and_where_somebody_is_here() -> None:
    assert RULE.judge(nobody(confines=Confines(kernel="6.1.0-18-amd64"))) is None
    assert RULE.judge(made_up(Outcome.REFUSED, listeners=(LISTENER,), confines=WSL)) is None
    assert RULE.judge(nobody()._replace(naming=(SERVER,))) is None
    assert RULE.judge(nobody(Outcome.TIMED_OUT)) is None
