"""systemd's lists of what a unit may reach and bind."""

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.unit_limits import UnitLimits, parse_unit_limits

# systemctl show --property=…, systemd 255.
SHOWN = (
    b"IPAddressAllow=127.0.0.0/8 ::1/128\nIPAddressDeny=0.0.0.0/0 ::/0\n"
    b"SocketBindAllow=ipv4:tcp:8000-8010\nSocketBindDeny=any\n"
)


def test_what_is_allowed_goes_before_what_is_denied() -> None:
    found = parse_unit_limits("web.service", SHOWN)
    assert not found.denies("127.0.0.1")
    assert not found.denies("::1")
    assert found.denies("192.168.1.5")
    assert found.denies("fe80::1%eth0")
    assert not found.denies("no address")
    assert not found.denies_bind("127.0.0.1", 8005)
    assert found.denies_bind("127.0.0.1", 8011)
    assert found.denies_bind("::1", 8005)


def test_the_short_words_are_understood() -> None:
    found = UnitLimits("a", denied=("any",), allowed=("localhost",), bind_denied=("udp", "tcp:9"))
    assert found.denies("10.0.0.1")
    assert not found.denies("127.1.2.3")
    assert not found.denies_bind("127.0.0.1", 8)
    assert found.denies_bind("127.0.0.1", 9)


def test_without_lists_nothing_is_denied() -> None:
    found = parse_unit_limits("web.service", b"IPAddressDeny=\nSocketBindDeny=\n")
    assert found == UnitLimits("web.service")
    assert not found.denies("127.0.0.1")
    assert not found.denies_bind("::1", 1)


@given(st.binary(), st.text(), st.integers(0, len(SHOWN)))
def test_it_survives_anything(data: bytes, address: str, size: int) -> None:
    for each in (data, SHOWN[:size] + data, b"IPAddressDeny=" + data, b"SocketBindDeny=" + data):
        found = parse_unit_limits("x", each)
        found.denies(address)
        found.denies("10.0.0.1")
        found.denies_bind("::1", 80)
