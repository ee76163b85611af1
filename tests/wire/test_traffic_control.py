"""`tc -json -s qdisc` and `ip -json -details link`, as iproute2 6.1 prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.traffic_control import Discipline, parse_disciplines, parse_xdp

NETEM = (
    b'[{"kind":"netem","handle":"8001:","root":true,"refcnt":2,"options":{"limit":1000,'
    b'"loss-random":{"loss":1,"correlation":0},"ecn":false,"gap":0},"bytes":0,"packets":0,'
    b'"drops":3,"overlimits":0,"requeues":0,"backlog":0,"qlen":0}]'
)
NONE = (
    b'[{"kind":"noqueue","handle":"0:","root":true,"refcnt":2,"options":{},"bytes":0,"packets":0,'
    b'"drops":0,"overlimits":0,"requeues":0,"backlog":0,"qlen":0}]'
)
LINK = (
    b'[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"xdp":{"mode":2,'
    b'"prog":{"id":7,"name":"drop_all","tag":"57cd311f2e27366b","jited":1}},"qdisc":"noqueue"}]'
)


def test_disciplines_are_read() -> None:
    (netem,) = parse_disciplines(NETEM)
    assert netem == Discipline("netem", 3, 1.0)
    assert netem.strange
    (usual,) = parse_disciplines(NONE)
    assert not usual.strange
    assert parse_disciplines(b"") == ()


def test_programs_are_read() -> None:
    assert parse_xdp(LINK) == "drop_all (id 7)"
    assert parse_xdp(b'[{"ifname":"lo"}]') is None
    assert parse_xdp(b"") is None


def test_what_is_none_is_refused() -> None:
    for data in (b"{", b"[1]", b"[{}]", b'[{"kind":"x","options":3}]'):
        with pytest.raises(BrokenMessage):
            parse_disciplines(data)


@given(st.binary(), st.integers(0, 300))
def test_it_survives_anything(data: bytes, size: int) -> None:
    for each in (data, NETEM[:size] + data, LINK[:size] + data):
        parse_xdp(each)
        try:
            parse_disciplines(each)
        except BrokenMessage:
            continue
