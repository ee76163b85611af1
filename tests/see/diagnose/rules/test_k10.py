"""SELinux: denials that explain a failure, and those that do not."""

import errno

from homeport.host.client import Client
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Case, Outcome, Talk, Upstream
from homeport.see.diagnose.confines import Confines
from homeport.see.diagnose.rules.k10_selinux import RULE
from homeport.wire.denials import Denied, parse_denial
from homeport.wire.exchange import Ended, Heard
from homeport.wire.http1 import Response
from tests.see.diagnose.recorded_denials import APPARMOR, CLIENT, HTTPD
from tests.see.diagnose.rules.made_up import HEALTHY, made_up


def confined(*lines: str) -> Confines:
    found = [parse_denial(each) for each in lines]
    return Confines(denials=tuple(each for each in found if each is not None))


def answered(status: int, *lines: str, place: str = "127.0.0.1:9000") -> Case:
    response = Response("1.1", status, "", {}, b"", complete=True)
    talk = Talk(Heard(b"HTTP/1.1", Ended.CLOSED), response=response)
    upstreams = (Upstream(place, "nginx.conf:3"),)
    return made_up(Outcome.CONNECTED, confines=confined(*lines), talk=talk, upstreams=upstreams)


def test_the_clients_own_denial_is_sure() -> None:
    verdict = RULE.judge(made_up(Outcome.FAILED, code=errno.EACCES, confines=confined(CLIENT)))
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert "sandbox_t" in " ".join(verdict.evidence)
    assert "that was 2 s ago" in verdict.evidence
    assert "ausearch -m AVC -c curl" in verdict.fix


def test_the_denial_of_a_proxy_explains_its_502() -> None:
    verdict = RULE.judge(answered(502, HTTPD))
    assert verdict is not None
    assert verdict.fix == "setsebool -P httpd_can_network_connect on"
    assert RULE.judge(answered(502, HTTPD, place="127.0.0.1:9001")) is None
    assert RULE.judge(answered(500, HTTPD)) is None


def test_the_client_whose_eyes_these_are_is_denied_though_we_came_through() -> None:
    other = Client(4711, 1000, {}, own=False, looker=1)
    case = made_up(Outcome.CONNECTED, confines=confined(CLIENT), talk=HEALTHY)
    assert RULE.judge(case) is None
    assert RULE.judge(case._replace(client=other)) is not None


def test_it_is_silent_where_the_denial_is_of_another_port_process_or_module() -> None:
    denied = parse_denial(CLIENT)
    assert denied is not None
    for other in (
        denied._replace(port=8001),
        denied._replace(pid=1),
        denied._replace(permissive=True),
        denied._replace(action="name_bind"),
    ):
        assert RULE.judge(_failed(other)) is None, other
    apparmor = parse_denial(APPARMOR)
    assert apparmor is not None
    assert RULE.judge(_failed(apparmor)) is None
    assert RULE.judge(made_up(confines=confined(CLIENT))) is None
    assert RULE.judge(made_up(Outcome.FAILED, code=errno.EACCES)) is None


def _failed(denied: Denied) -> Case:
    return made_up(Outcome.FAILED, code=errno.EACCES, confines=Confines(denials=(denied,)))
