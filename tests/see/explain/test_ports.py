from __future__ import annotations

import pytest

from homeport.model.address import Scope
from homeport.model.explanation import BindVerdict, OwnAddress
from homeport.model.port import PortClass
from homeport.see.explain.addresses import address_facts, reach_of
from homeport.see.explain.ports import port_facts, ports_named
from tests.see.explain.explaining import FACTS, SERVICES, told


def test_what_is_known_of_a_port() -> None:
    facts = port_facts(5432, FACTS)
    assert facts.port_class is PortClass.USER
    assert facts.registered is not None
    assert [(each.name, each.aliases) for each in facts.registered] == [
        ("postgresql", ("postgres",))
    ]
    assert facts.usual[0].product == "PostgreSQL"
    assert (facts.assigned, facts.reserved, facts.privileged, facts.may_bind) == (
        False,
        False,
        False,
        True,
    )


@pytest.mark.parametrize(
    ("port", "assigned", "reserved"),
    [(32768, True, False), (40005, False, True), (61000, False, False)],
)
def test_what_the_kernel_assigns(port: int, assigned: bool, reserved: bool) -> None:  # noqa: FBT001
    facts = port_facts(port, FACTS)
    assert (facts.assigned, facts.reserved) == (assigned, reserved)


def test_privilege() -> None:
    assert port_facts(80, FACTS).may_bind is False
    assert port_facts(80, FACTS._replace(may_bind_any_port=True)).may_bind is True


def test_without_a_policy_nothing_is_guessed() -> None:
    facts = port_facts(80, FACTS._replace(policy=None, services=None))
    assert facts[4:9] == (None, None, None, None, None)
    assert facts.registered is None


def test_ports_by_name_or_alias() -> None:
    assert [each.port for each in ports_named("POSTGRES", SERVICES)] == [5432]
    assert [each.transport for each in ports_named("domain", SERVICES)] == ["tcp", "udp"]
    assert ports_named("postgres", None) == ()


OWN = FACTS.addresses


@pytest.mark.parametrize(
    ("address", "scope", "interface", "reach"),
    [
        ("127.0.0.1", Scope.LOOPBACK, "lo", "Only this machine"),
        ("127.9.9.9", Scope.LOOPBACK, "lo", "Only this machine"),
        ("::1", Scope.LOOPBACK, "lo", "Only this machine"),
        ("192.168.1.20", Scope.PRIVATE, "eth0", "same private network"),
        ("fe80::1", Scope.LINK_LOCAL, "eth0", "same link"),
        ("8.8.8.8", Scope.GLOBAL, None, "not an address of this machine"),
        ("224.0.0.1", Scope.MULTICAST, None, "not an address of this machine"),
        ("0.0.0.0", Scope.UNSPECIFIED, None, "Whoever reaches 192.168.1.20 (eth0) reaches it"),
        ("::", Scope.UNSPECIFIED, None, "192.168.1.20 (eth0), fe80::1 (eth0)"),
        ("::ffff:192.168.1.20", Scope.PRIVATE, "eth0", "same private network"),
    ],
)
def test_what_an_address_is(address: str, scope: Scope, interface: str | None, reach: str) -> None:
    facts = address_facts(address, OWN)
    assert (facts.scope, facts.interface) == (scope, interface)
    assert reach in facts.reach


def test_reach_of_the_wildcard() -> None:
    assert "fe80" not in reach_of("0.0.0.0", OWN)
    assert "192" not in reach_of("::", OWN, v6only=True)
    assert "no other addresses" in reach_of("0.0.0.0", OWN[:1])
    assert "any address" in reach_of("0.0.0.0", ())
    many = (*OWN, *(OwnAddress(f"10.0.0.{number}", "eth1") for number in range(1, 9)))
    assert "or 6 more" in reach_of("0.0.0.0", many)


def test_binding_says_why_not() -> None:
    by_address = {each.address: each for each in told("80").binding}
    assert by_address["0.0.0.0"].plain is BindVerdict.NOT_PERMITTED
    no_ipv6 = FACTS._replace(limits=FACTS.limits._replace(ipv6=False))
    by_address = {each.address: each for each in told("7000", facts=no_ipv6).binding}
    assert by_address["::1"].plain is BindVerdict.NOT_HERE
    assert by_address["127.0.0.1"].plain is BindVerdict.FREE
    anywhere = FACTS._replace(limits=FACTS.limits._replace(nonlocal_bind=True))
    assert told("10.1.2.3:7000", facts=anywhere).binding[0].plain is BindVerdict.FREE
