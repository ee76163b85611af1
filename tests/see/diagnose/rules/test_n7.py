"""Local names with addresses elsewhere."""

from homeport.host.resolver import Resolution
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Machine, Outcome
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.n7_wrong_answer import RULE
from tests.see.diagnose.rules.made_up import HEALTHY, made_up


def named(name: str, *addresses: str, outcome: Outcome = Outcome.TIMED_OUT) -> Case:
    case = made_up(
        outcome,
        target=f"http://{name}:8000/",
        address=addresses[0],
        confines=Confines(nameservers=("10.8.0.1",)),
    )
    return case._replace(resolution=Resolution(name, addresses))


def test_localhost_elsewhere_is_sure() -> None:
    for name in ("localhost", "shop.localhost", "LOCALHOST."):
        verdict = RULE.judge(named(name, "203.0.113.9"))
        assert verdict is not None
        assert verdict.certainty is Sureness.SURE
        assert "name servers are: 10.8.0.1" in " ".join(verdict.evidence)


def test_the_hosts_file_is_named_where_it_is_to_blame() -> None:
    case = named("localhost", "192.168.1.9")
    case = case._replace(resolution=case.resolution._replace(in_hosts=("192.168.1.9",)))
    verdict = RULE.judge(case)
    assert verdict is not None
    assert "/etc/hosts" in verdict.fix


def test_a_local_name_elsewhere_is_likely_where_the_service_is_here() -> None:
    for name in ("shop.test", "db", "shop.lan"):
        verdict = RULE.judge(named(name, "203.0.113.9"))
        assert verdict is not None
        assert verdict.certainty is Sureness.LIKELY
    case = named("shop.test", "203.0.113.9")
    gone = case._replace(snapshot=case.snapshot._replace(listeners=()))
    assert RULE.judge(gone) is None


def test_it_is_silent_where_the_name_is_ours_or_public_or_all_is_well() -> None:
    assert RULE.judge(named("localhost", "127.0.0.1")) is None
    assert RULE.judge(named("localhost", "203.0.113.9", "127.0.0.1")) is None
    assert RULE.judge(named("shop.test", "192.168.1.5")) is None
    assert RULE.judge(named("example.com", "203.0.113.9")) is None
    assert RULE.judge(named("203.0.113.9", "203.0.113.9")) is None
    healthy = named("localhost", "203.0.113.9", outcome=Outcome.CONNECTED)
    assert RULE.judge(healthy._replace(talk=HEALTHY)) is None
    assert RULE.judge(named("localhost", "203.0.113.9")._replace(machine=Machine())) is None
