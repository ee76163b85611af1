"""The firewall of a namespace as nft really tells it."""

from __future__ import annotations

import sys

import pytest

from tests.support import (
    FIXTURES,
    NOBODY,
    Namespace,
    _python_for_all,
    _readable_library,
    as_user,
    need,
    network_namespace,
)

READ = """
from homeport.host.firewall import firewall_rules
for rule in firewall_rules(): print(rule.place, "|", rule)
"""


def loaded(namespace: Namespace, rules: str) -> None:
    need("nft", package="nftables")
    namespace.run("nft", "add table inet t; " + rules)


def read(namespace: Namespace) -> list[str]:
    return namespace.run(sys.executable, "-c", READ).stdout.splitlines()


@pytest.mark.root
def test_no_rules() -> None:
    need("nft", package="nftables")
    with network_namespace() as namespace:
        assert read(namespace) == []


@pytest.mark.root
def test_rules_as_they_are() -> None:
    with network_namespace() as namespace:
        loaded(
            namespace,
            "add chain inet t in { type filter hook input priority 0; policy drop; }; "
            "add rule inet t in iifname lo tcp dport { 80, 8000-8010 } counter drop; "
            "add rule inet t in ct state established accept",
        )
        assert read(namespace) == [
            "inet t in | iifname lo tcp dport { 80, 8000-8010 } drop",
            "inet t in | ct state established accept",
            "inet t in | policy drop",
        ]


@pytest.mark.root
def test_the_recorded_rules_are_what_nft_says_of_their_source() -> None:
    need("nft", package="nftables")
    with network_namespace() as namespace:
        namespace.run("nft", "-f", str(FIXTURES / "nftables" / "ruleset.nft"))
        found = read(namespace)
    assert "inet filter input | tcp dport { 8000, 9000-9010 } drop" in found
    assert len(found) == 22


@pytest.mark.root
def test_an_ordinary_user_may_not_read_them() -> None:
    need("nft", package="nftables")
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from homeport.host.firewall import firewall_rules\n"
        "from homeport.model.errors import NotPermitted\n"
        "try: firewall_rules()\n"
        "except NotPermitted as error: print(error.what)"
    )
    argv = [_python_for_all(NOBODY), "-c", code, _readable_library()]
    assert as_user(NOBODY, argv).stdout == "the firewall may not be read\n"
