"""Certificates of those who intercept TLS, and of those who do not."""

import pytest

from homeport.model.identity import Certificate, Sureness, Tls
from homeport.see.diagnose.case import Authority, Case, Outcome, Talk
from homeport.see.diagnose.rules.s5_unknown_authority import RULE as S5
from homeport.see.diagnose.rules.s18_intercepted import RULE
from homeport.wire.exchange import Ended, Heard
from tests.see.diagnose.rules.made_up import made_up

AUTHORITY = Authority(
    "/usr/local/share/ca-certificates/z.crt", "Zscaler Root CA", trusted=False, root=True
)


def refused(issuer: str, code: int = 20, *, own: bool = False) -> Case:
    found = Certificate("localhost", issuer, ("localhost",), 0, 10**18, self_signed=own)
    talk = Talk(
        Heard(b"", Ended.UNSECURED, why="unable to get local issuer", verify_code=code),
        secured=Heard(b"", Ended.SILENT, tls=Tls("TLSv1.3", None, found)),
    )
    return made_up(Outcome.CONNECTED, target="https://127.0.0.1:8000/", talk=talk)


@pytest.mark.parametrize(
    ("issuer", "product"),
    [
        ("mitmproxy", "mitmproxy"),
        ("Zscaler Intermediate Root CA (zscalerthree.net) (t)", "Zscaler"),
        ("Charles Proxy CA (19 Mar 2024, laptop)", "Charles"),
        ("PortSwigger CA", "Burp Suite"),
    ],
)
def test_the_issuers_name_tells(issuer: str, product: str) -> None:
    case = refused(issuer)._replace(authorities=(AUTHORITY,))
    verdict = RULE.judge(case)
    assert verdict is not None
    assert verdict.certainty is Sureness.SURE
    assert verdict.title is not None
    assert product in verdict.title
    assert S5.judge(case) is None


def test_where_its_authority_lies_is_told() -> None:
    verdict = RULE.judge(refused("Zscaler Root CA")._replace(authorities=(AUTHORITY,)))
    assert verdict is not None
    assert AUTHORITY.path in verdict.fix


def test_it_is_silent_for_other_issuers_and_other_reasons() -> None:
    assert RULE.judge(refused("mkcert development CA")) is None
    assert S5.judge(refused("mkcert development CA")) is not None
    assert RULE.judge(refused("mitmproxy", 10)) is None
    assert RULE.judge(refused("mitmproxy", own=True)) is None
    assert RULE.judge(made_up()) is None
