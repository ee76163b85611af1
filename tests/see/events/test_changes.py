"""What differs between two tables of listeners."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.event import EventKind
from homeport.model.port import PortRange
from homeport.model.process import Certainty, Process, Project
from homeport.model.selection import Selection
from homeport.model.sockets import Listener
from homeport.see.events.changes import changes, meant


def process(pid: int, start: int = 1, project: str | None = None) -> Process:
    found = None if project is None else Project(f"/src/{project}", project, ".git")
    return Process(pid=pid, start_ticks=start, project=found)


def listener(port: int, cookie: int | None = None, *owners: Process) -> Listener:
    return Listener(
        endpoint=Endpoint(Transport.TCP, "127.0.0.1", port),
        inode=port * 10 + (cookie or 0),
        netns=1,
        uid=0,
        cookie=cookie,
        certainty=Certainty.SEEN if owners else Certainty.UNOWNED,
        owners=owners,
    )


def test_a_new_socket_is_opened_with_its_owners() -> None:
    event = changes([], [listener(80, 1, process(7))], 5)[0]
    assert event.kind is EventKind.OPENED
    assert event.at_ns == 5
    assert event.endpoint.port == 80
    assert event.cookie == 1
    assert [owner.pid for owner in event.owners] == [7]
    assert event.certainty is Certainty.SEEN


def test_a_missing_socket_is_closed_with_its_last_owners() -> None:
    event = changes([listener(80, 1, process(7))], [], 5)[0]
    assert event.kind is EventKind.CLOSED
    assert [owner.pid for owner in event.owners] == [7]


def test_a_restart_on_one_endpoint_is_a_close_and_an_open() -> None:
    happened = changes([listener(80, 1)], [listener(80, 2)], 5)
    assert [(event.kind, event.cookie) for event in happened] == [
        (EventKind.CLOSED, 1),
        (EventKind.OPENED, 2),
    ]


def test_sockets_that_share_an_endpoint_are_told_apart() -> None:
    both = [listener(80, 1), listener(80, 2)]
    happened = changes(both, both[1:], 5)
    assert [(event.kind, event.cookie) for event in happened] == [(EventKind.CLOSED, 1)]


def test_without_cookies_the_inode_tells_sockets_apart() -> None:
    before = listener(80)
    after = before._replace(inode=99)
    assert [event.kind for event in changes([before], [after], 5)] == [
        EventKind.CLOSED,
        EventKind.OPENED,
    ]


def test_a_forked_worker_is_a_new_owner() -> None:
    master, worker = process(7), process(8, 2)
    event = changes([listener(80, 1, master)], [listener(80, 1, master, worker)], 5)[0]
    assert event.kind is EventKind.OWNER_CHANGED
    assert event.owners == (master, worker)
    assert event.previous == (master,)


def test_a_reused_pid_is_another_owner() -> None:
    happened = changes([listener(80, 1, process(7, 1))], [listener(80, 1, process(7, 2))], 5)
    assert [event.kind for event in happened] == [EventKind.OWNER_CHANGED]


def test_inferred_owners_are_no_news() -> None:
    before = listener(80, 1, process(7))
    after = listener(80, 1, process(9))._replace(certainty=Certainty.INFERRED)
    assert changes([before], [after], 5) == []


def test_closes_come_first_and_everything_by_port() -> None:
    before = [listener(90, 1), listener(80, 2), listener(70, 3, process(1))]
    after = [listener(95, 4), listener(85, 5), listener(70, 3, process(2))]
    happened = [(event.kind.value, event.endpoint.port) for event in changes(before, after, 5)]
    assert happened == [
        ("closed", 80),
        ("closed", 90),
        ("opened", 85),
        ("opened", 95),
        ("owner changed", 70),
    ]


tables = st.lists(
    st.builds(listener, st.integers(1, 9), st.integers(1, 9)), unique_by=lambda each: each.cookie
)


@given(tables, tables)
def test_events_lead_from_one_table_to_the_other(
    before: list[Listener], after: list[Listener]
) -> None:
    table = {(each.cookie, each.endpoint) for each in before}
    for event in changes(before, after, 5):
        place = (event.cookie, event.endpoint)
        if event.kind is EventKind.OPENED:
            assert place not in table
            table.add(place)
        else:
            table.remove(place)
    assert table == {(each.cookie, each.endpoint) for each in after}


@given(tables)
def test_nothing_happens_between_equal_tables(table: list[Listener]) -> None:
    assert changes(table, list(reversed(table)), 5) == []


def test_events_are_chosen_by_port_and_by_project_before_or_after() -> None:
    shop, blog = process(7, project="shop"), process(8, project="blog")
    before, after = listener(80, 1, shop), listener(80, 1, blog)
    event = changes([before], [after], 5)[0]
    assert meant(event, Selection())
    assert meant(event, Selection(ports=(PortRange(1, 80),)))
    assert not meant(event, Selection(ports=(PortRange(81, 90),)))
    assert meant(event, Selection(projects=frozenset({"shop"})))
    assert meant(event, Selection(projects=frozenset({"/src/blog"})))
    assert not meant(event, Selection(projects=frozenset({"other"})))
