"""hosts(5) and nsswitch.conf(5), as distributions ship them and as people break them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.name_service import parse_hosts, parse_hosts_order

HOSTS = b"""127.0.0.1\tlocalhost
::1     localhost ip6-localhost ip6-loopback
# 10.0.0.1 ghost
10.0.0.2  Shop.Local shop # the shop
10.0.0.3

fe80::1%eth0 router
"""


def test_names_and_all_their_addresses() -> None:
    found = parse_hosts(HOSTS)
    assert found["localhost"] == ("127.0.0.1", "::1")
    assert found["shop.local"] == found["shop"] == ("10.0.0.2",)
    assert found["router"] == ("fe80::1%eth0",)
    assert not {"ghost", "the", "10.0.0.3"} & set(found)


@pytest.mark.parametrize(
    ("line", "sources"),
    [
        (b"hosts: files dns", ("files", "dns")),
        (b"hosts:files mymachines myhostname", ("files", "mymachines", "myhostname")),
        (b"hosts: mdns4_minimal [NOTFOUND=return] dns", ("mdns4_minimal", "dns")),
        (b"hosts: files # dns", ("files",)),
        (b"  hosts :\tfiles", ("files",)),
        (b"#hosts: files", ()),
        (b"hosts files", ()),
        (b"passwd: files", ()),
        (b"", ()),
    ],
)
def test_where_host_names_are_looked_for(line: bytes, sources: tuple[str, ...]) -> None:
    assert parse_hosts_order(b"passwd: compat\n" + line + b"\n") == sources


def test_what_is_to_be_done_with_an_answer_may_hold_spaces() -> None:
    line = b"hosts: resolve [ !UNAVAIL = return ] files [SUCCESS=continue TRYAGAIN=return] dns\n"
    assert parse_hosts_order(line) == ("resolve", "files", "dns")


def test_many_addresses_of_one_name_take_linear_time() -> None:
    data = b"".join(b"10.%d.%d.1 same\n" % divmod(number, 250) for number in range(40_000))
    assert len(parse_hosts(data)["same"]) == 40_000


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert all(addresses for addresses in parse_hosts(data).values())
    assert isinstance(parse_hosts_order(b"hosts:" + data), tuple)
