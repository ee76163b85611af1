"""Who had what, judged by what is known today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.host.journal.writer import Change, Holder, Journal, Sight, SocketName
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import BadInput
from homeport.model.event import EventKind, Stretch, Tenancy
from homeport.model.target import Target
from homeport.see.events.history import Asked, Present, asked, before, covers, recorded, tenancies
from homeport.see.events.when import Span

if TYPE_CHECKING:
    from pathlib import Path

S = 1_000_000_000
T0 = 1_800_000_000 * S
SIGHT = Sight("boot-1", 1, udp=True)


class Story:
    """A history written by hand, in seconds after T0."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.seen_s = 0

    def tell(self, *changes: Change, sight: Sight = SIGHT, from_s: int = 0, to_s: int) -> None:
        journal = Journal(self.path, sight, T0 + from_s * S)
        journal.write(changes, T0 + to_s * S)
        journal.close()


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(str(tmp_path / "state" / "history.db"))


def socket(
    port: int,
    number: int = 7,
    address: str = "127.0.0.1",
    transport: Transport = Transport.TCP,
    netns: int = 1,
) -> SocketName:
    return SocketName(netns, number, Endpoint(transport, address, port))


def opened(at_s: int, name: SocketName, process: str = "postgres", project: str = "shop") -> Change:
    holder = Holder(812, 5, process, (f"/usr/bin/{process}", "-x"), "ann", "/src/dir", project)
    return Change(EventKind.OPENED, name, T0 + at_s * S, holder)


def closed(at_s: int, name: SocketName) -> Change:
    return Change(EventKind.CLOSED, name, T0 + at_s * S)


def found(
    story: Story,
    question: Asked | None = None,
    *,
    now_s: int = 1000,
    boot: str = "boot-1",
    netns: int = 1,
    still_open: frozenset[tuple[int, int]] = frozenset(),
) -> list[Tenancy]:
    present = Present(T0 + now_s * S, boot, netns, lambda: still_open)
    return list(tenancies(story.path, question or Asked(), present))


def ports(story: Story, question: Asked) -> list[int]:
    return [each.endpoint.port for each in found(story, question)]


def span(start_s: int, end_s: int) -> Span:
    return Span(T0 + start_s * S, T0 + end_s * S)


def test_nothing_was_ever_recorded(story: Story) -> None:
    assert found(story) == []
    assert recorded(story.path) == []


def test_a_recorder_that_is_there_knows_what_is_open(story: Story) -> None:
    story.tell(opened(1, socket(80)), to_s=995)
    (tenancy,) = found(story)
    assert (tenancy.closed_ns, tenancy.closed_known) == (None, False)


def test_without_a_recorder_the_kernel_knows(story: Story) -> None:
    story.tell(opened(1, socket(80)), opened(2, socket(81, 8)), to_s=500)
    one, other = found(story, still_open=frozenset({(1, 8)}))
    assert (one.endpoint.port, one.closed_ns) == (81, None)
    assert (other.endpoint.port, other.closed_ns, other.closed_known) == (80, T0 + 500 * S, False)


def test_in_another_namespace_nobody_knows(story: Story) -> None:
    story.tell(opened(1, socket(80)), to_s=500)
    (tenancy,) = found(story, netns=2, still_open=frozenset({(1, 7)}))
    assert (tenancy.closed_ns, tenancy.closed_known) == (T0 + 500 * S, False)


def test_nothing_outlives_a_boot(story: Story) -> None:
    story.tell(opened(1, socket(80)), to_s=995)
    (tenancy,) = found(story, boot="boot-2", still_open=frozenset({(1, 7)}))
    assert (tenancy.closed_ns, tenancy.closed_known) == (T0 + 995 * S, False)


def test_udp_is_last_seen_by_those_who_saw_udp(story: Story) -> None:
    name = socket(53, transport=Transport.UDP)
    story.tell(opened(1, name), to_s=500)
    story.tell(sight=SIGHT._replace(udp=False), from_s=501, to_s=995)
    assert found(story)[0].closed_ns == T0 + 500 * S


def test_a_port_an_address_and_the_wildcard(story: Story) -> None:
    names = [
        socket(80, 1),
        socket(80, 2, "0.0.0.0"),
        socket(80, 3, "::1"),
        socket(80, 4, "10.0.0.1"),
        socket(80, 5, transport=Transport.UDP),
        socket(80, 6, transport=Transport.MPTCP),
        socket(81, 7),
    ]
    changes = [change for name in names for change in (opened(1, name), closed(2, name))]
    story.tell(*changes, to_s=2)

    def addresses(text: str) -> list[tuple[str, str]]:
        told = found(story, asked(text))
        return sorted((each.endpoint.transport.value, each.endpoint.address) for each in told)

    assert len(addresses("80")) == 6
    assert addresses("127.0.0.1:80") == [
        ("mptcp", "127.0.0.1"),
        ("tcp", "0.0.0.0"),
        ("tcp", "127.0.0.1"),
        ("udp", "127.0.0.1"),
    ]
    assert addresses("udp/80") == [("udp", "127.0.0.1")]
    assert addresses("tcp [::1]:80") == [("tcp", "::1")]
    assert ("tcp", "10.0.0.1") not in addresses("http://localhost/")
    assert len(addresses("127.0.0.1")) == 5


def test_a_name_is_that_of_a_process_a_project_a_program_or_a_directory(story: Story) -> None:
    one, other = socket(80, 1), socket(81, 2)
    story.tell(opened(1, one, "postgres", "shop"), opened(2, other, "nginx", "Blog"), to_s=3)
    assert ports(story, asked("POSTG")) == [80]
    assert ports(story, asked("blog")) == [81]
    assert ports(story, asked("nginx")) == [81]
    assert ports(story, asked("dir")) == [81, 80]
    assert ports(story, asked("other")) == []


def test_a_time_is_one_at_which_somebody_had_it(story: Story) -> None:
    first, second = socket(80, 1), socket(80, 2)
    story.tell(opened(10, first), closed(20, first), opened(30, second), to_s=500)
    for at, numbers in [
        (span(5, 6), 0),
        (span(15, 16), 1),
        (span(20, 21), 1),
        (span(21, 29), 0),
        (span(5, 100), 2),
        (span(400, 460), 1),
        (span(501, 560), 0),
    ]:
        told = found(story, Asked(Target(port=80), at=at))
        assert len(told) == numbers, at


def test_since_and_until_bound_what_is_told(story: Story) -> None:
    names = [socket(port, port) for port in (1, 2, 3)]
    changes = [
        change
        for name in names
        for at_s in [name.number * 100]
        for change in (opened(at_s, name), closed(at_s + 10, name))
    ]
    story.tell(*changes, to_s=400)
    assert ports(story, Asked(since_ns=T0 + 205 * S)) == [3, 2]
    assert ports(story, Asked(until_ns=T0 + 205 * S)) == [2, 1]
    assert ports(story, Asked(since_ns=T0 + 205 * S, until_ns=T0 + 206 * S)) == [2]


def test_stretches_of_recorders_that_meet_are_one(story: Story) -> None:
    story.tell(from_s=0, to_s=100)
    story.tell(from_s=50, to_s=90)
    story.tell(from_s=110, to_s=200)
    story.tell(from_s=500, to_s=600)
    assert recorded(story.path) == [
        Stretch(T0, T0 + 200 * S),
        Stretch(T0 + 500 * S, T0 + 600 * S),
    ]
    assert covers(recorded(story.path), span(150, 151))
    assert not covers(recorded(story.path), span(300, 400))
    assert covers(recorded(story.path), span(300, 501))


@pytest.mark.parametrize(
    "text", ["70000", "1.2.3.4.5", "127.0.0.1:99999", "[::1", "::zz", "1.2.3.400:5", ""]
)
def test_what_was_meant_as_an_endpoint_and_is_none_is_said(text: str) -> None:
    with pytest.raises(BadInput):
        asked(text)


@pytest.mark.parametrize("text", ["my-app", "shop", "nginx: master"[:5], "web_1", "node.js", "a b"])
def test_other_words_are_names(text: str) -> None:
    assert asked(text) == Asked(name=text)


def test_a_time_that_cannot_be_read_is_said_at_once() -> None:
    with pytest.raises(BadInput):
        asked("80", at="noonish")


def test_what_was_before_costs_nothing_where_nothing_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert before(80) is None
    assert list(tmp_path.iterdir()) == []
