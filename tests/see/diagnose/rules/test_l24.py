"""The forwarders of desktops."""

import pytest

from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome, Talk
from homeport.see.diagnose.rules.l24_desktop_forwarder import RULE
from homeport.wire.exchange import Ended, Heard
from tests.see.diagnose.rules.made_up import HEALTHY, LISTENER, SERVER, made_up


def talked(name: str, talk: Talk) -> Case:
    held = LISTENER._replace(owners=(SERVER._replace(name=name),))
    return made_up(Outcome.CONNECTED, listeners=(held,), talk=talk)


@pytest.mark.parametrize(
    "name", ["com.docker.backend", "com.docker.back", "vpnkit-bridge", "gvproxy", "wslrelay.exe"]
)
@pytest.mark.parametrize("ended", [Ended.CLOSED, Ended.RESET])
def test_a_forwarder_that_closes_without_a_byte_is_likely(name: str, ended: Ended) -> None:
    verdict = RULE.judge(talked(name, Talk(Heard(b"", ended))))
    assert verdict is not None
    assert verdict.certainty is Sureness.LIKELY
    assert f"{name} (pid 812)" in verdict.evidence[1]


def test_it_is_silent_for_others_and_for_answers() -> None:
    assert RULE.judge(talked("python3", Talk(Heard(b"", Ended.CLOSED)))) is None
    assert RULE.judge(talked("gvproxy", Talk(Heard(b"", Ended.SILENT)))) is None
    assert RULE.judge(talked("gvproxy", Talk(Heard(b"x", Ended.CLOSED)))) is None
    assert RULE.judge(talked("gvproxy", HEALTHY)) is None
    assert RULE.judge(made_up()) is None
