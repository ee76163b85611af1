from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.address import Scope
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.port import PortRange
from homeport.model.process import Certainty, Container, Process
from homeport.model.selection import Selection
from homeport.model.snapshot import Edge
from homeport.see.select import Group, group_of, grouped, select, select_edges
from tests.report.samples import (
    EVERYTHING,
    ME,
    POSTGRES,
    PROXIED,
    PROXY,
    SHOP,
    VITE,
    listener,
)

if TYPE_CHECKING:
    from homeport.model.sockets import Listener

ME_ALONE = frozenset({ME})


def ports(wanted: Selection) -> list[int]:
    return sorted({each.endpoint.port for each in select(EVERYTHING, wanted).listeners})


ALL = [53, 80, 2049, 5173, 5432, 8080, 9000]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Selection(), ALL),
        (Selection(transports=frozenset({Transport.UDP})), [53]),
        (Selection(transports=frozenset({Transport.TCP})), ALL[1:]),
        (Selection(ports=(PortRange(80, 80), PortRange(5000, 6000))), [80, 5173, 5432]),
        (Selection(pids=frozenset({300, 400})), [5432, 8080]),
        (Selection(projects=frozenset({"shop"})), [80, 5173]),
        (Selection(projects=frozenset({SHOP.root})), [80, 5173, 9000]),
        (Selection(scopes=frozenset({Scope.UNSPECIFIED})), [53, 2049, 8080]),
        (Selection(users=frozenset({"postgres"})), [5432]),
        (Selection(users=frozenset({"105"})), [5432]),
        (Selection(users=frozenset({"root"}), scopes=frozenset({Scope.LOOPBACK})), []),
    ],
)
def test_all_conditions_have_to_hold(wanted: Selection, kept: list[int]) -> None:
    assert ports(wanted) == kept


def test_mptcp_is_tcp() -> None:
    snapshot = EVERYTHING._replace(listeners=(listener(transport=Transport.MPTCP),))
    assert select(snapshot, Selection(transports=frozenset({Transport.TCP}))).listeners


def test_a_connection_is_kept_for_either_port() -> None:
    kept = select(EVERYTHING, Selection(ports=(PortRange(5432, 5432),))).connections
    assert [each.local_port for each in kept] == [41000, 5432]
    assert not select(EVERYTHING, Selection(ports=(PortRange(1, 2),))).connections


def test_unix_listeners_have_no_port_but_a_user() -> None:
    of_unix = frozenset({Transport.UNIX})
    kept = select(EVERYTHING, Selection(transports=of_unix, users=frozenset({"me"})))
    assert [each.inode for each in kept.unix_listeners] == [2]
    assert not kept.listeners
    assert not select(EVERYTHING, Selection(ports=(PortRange(80, 80),))).unix_listeners


def test_an_edge_is_kept_for_either_of_its_ends() -> None:
    edge = Edge(Endpoint(Transport.TCP, "127.0.0.1", 5432), (VITE,), (POSTGRES,), 3)
    for pid in (VITE.pid, POSTGRES.pid):
        assert select_edges([edge], Selection(pids=frozenset({pid}))) == (edge,)
    assert select_edges([edge], Selection(pids=frozenset({1}))) == ()
    assert select_edges([edge], Selection(ports=(PortRange(80, 80),))) == ()


ROOTS = VITE._replace(uid=0, user="root", project=None)


@pytest.mark.parametrize(
    ("each", "group"),
    [
        (listener("::", 1, VITE), Group.OWN_PROJECTS),
        (listener("::", 1, VITE._replace(project=None)), Group.OWN),
        (listener("::", 1, VITE._replace(uid=1001)), Group.OTHERS),
        (listener("::", 1, POSTGRES), Group.SYSTEM),
        (listener("::", 1, ROOTS), Group.SYSTEM),
        (listener("::", 1, certainty=Certainty.HIDDEN), Group.SYSTEM),
        (listener("::", 1, PROXY, behind=PROXIED), Group.CONTAINERS),
        (listener("::", 1, VITE._replace(container=Container("podman", "a"))), Group.CONTAINERS),
    ],
)
def test_whose_a_listener_is(each: Listener, group: Group) -> None:
    assert group_of(each, ME_ALONE) is group


@pytest.mark.parametrize(
    ("owner", "group"),
    [
        (ROOTS._replace(project=SHOP), Group.OWN_PROJECTS),
        (ROOTS, Group.OWN),
        (ROOTS._replace(unit="ssh.service"), Group.SYSTEM),
        (VITE, Group.OWN_PROJECTS),
        (POSTGRES, Group.SYSTEM),
    ],
)
def test_under_sudo_both_root_and_the_person_are_meant(owner: Process, group: Group) -> None:
    assert group_of(listener("::", 1, owner), frozenset({0, ME})) is group


def test_groups_come_in_the_order_of_interest_and_are_sorted_within() -> None:
    other = VITE._replace(project=SHOP._replace(name="api", root="/home/me/api"))
    listeners = [
        listener("127.0.0.1", 22, POSTGRES),
        listener("127.0.0.1", 9, VITE),
        listener("127.0.0.1", 8, VITE),
        listener("127.0.0.1", 10, other),
    ]
    groups = grouped(listeners, ME_ALONE)
    assert [(group, [each.endpoint.port for each in found]) for group, found in groups] == [
        (Group.OWN_PROJECTS, [10, 8, 9]),
        (Group.SYSTEM, [22]),
    ]
