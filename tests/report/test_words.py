from __future__ import annotations

import pytest

from homeport.report.words import ago, oldest_first, reach, utc
from tests.report.samples import NOW_NS, POSTGRES, VITE, listener

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (1, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (86_400 * 2, "2 d"),
        (86_400 * 800, "2 y"),
        (-5, "now"),
    ],
)
def test_time_since(seconds: int, words: str) -> None:
    assert ago(NOW_NS - seconds * SECOND, NOW_NS) == words


def test_an_unknown_time_is_no_text() -> None:
    assert ago(None, NOW_NS) == ""
    assert utc(None) is None


def test_moments_are_utc_to_the_millisecond() -> None:
    assert utc(0) == "1970-01-01T00:00:00.000Z"
    assert utc(1_700_000_000_123_999_999) == "2023-11-14T22:13:20.123Z"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1", "this machine"),
        ("::1", "this machine"),
        ("0.0.0.0", "any network"),
        ("192.168.1.7", "this network"),
        ("fe80::1", "this link"),
        ("8.8.8.8", "the internet"),
        ("224.0.0.251", "a group"),
    ],
)
def test_reach_as_the_address_claims(address: str, words: str) -> None:
    assert reach(listener(address)) == words


def test_what_is_bound_to_the_loopback_device_reaches_no_further() -> None:
    bound = listener("0.0.0.0")
    bound = bound._replace(endpoint=bound.endpoint._replace(interface="lo"))
    assert reach(bound) == "this machine"


def test_the_one_that_forked_the_others_comes_first() -> None:
    assert oldest_first((VITE, POSTGRES)) == [POSTGRES, VITE]
