"""Times as people write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.see.events.when import parse_moment

if TYPE_CHECKING:
    from collections.abc import Generator

S = 1_000_000_000


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    # A zone with summer time, as a rule, so that no zone database is needed.
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * S


NOW = ns("2026-11-23T10:30:00+01:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("09:15", "2026-11-23T09:15:00+01:00", "2026-11-23T09:16:00+01:00"),
        ("9:15:30", "2026-11-23T09:15:30+01:00", "2026-11-23T09:15:31+01:00"),
        ("14:02", "2026-11-22T14:02:00+01:00", "2026-11-22T14:03:00+01:00"),
        ("today", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00"),
        ("Yesterday", "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
        ("yesterday 14:02", "2026-11-22T14:02:00+01:00", "2026-11-22T14:03:00+01:00"),
        ("2026-11-20", "2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
        ("2026-11-20 14:02", "2026-11-20T14:02:00+01:00", "2026-11-20T14:03:00+01:00"),
        ("2026-11-20T14:02:05", "2026-11-20T14:02:05+01:00", "2026-11-20T14:02:06+01:00"),
        ("2026-11-20T14:02:05.250Z", "2026-11-20T14:02:05+00:00", "2026-11-20T14:02:06+00:00"),
        ("2026-11-20T14:02Z", "2026-11-20T14:02:00+00:00", "2026-11-20T14:03:00+00:00"),
        ("2026-11-20T14:02-05:00", "2026-11-20T14:02:00-05:00", "2026-11-20T14:03:00-05:00"),
        ("2026-11-20 14:02 +0530", "2026-11-20T14:02:00+05:30", "2026-11-20T14:03:00+05:30"),
        ("2026-07-01 12:00", "2026-07-01T12:00:00+02:00", "2026-07-01T12:01:00+02:00"),
        # The day on which the clocks go back has 25 hours.
        ("2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
    ],
)
def test_a_moment(text: str, start: str, end: str) -> None:
    assert parse_moment(text, NOW) == (ns(start), ns(end))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2h", 7200),
        ("90min", 5400),
        ("90m", 5400),
        ("1h30m", 5400),
        ("1h 30m ago", 5400),
        ("45s", 45),
        ("3d", 259_200),
        ("1w", 604_800),
        ("2 h", 7200),
        ("now", 0),
    ],
)
def test_an_age(text: str, seconds: int) -> None:
    assert parse_moment(text, NOW).start_ns == NOW - seconds * S


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "25:00",
        "12:60",
        "2026-13-01",
        "2026-02-30",
        "2026-11-22T14:02+99:00",
        "14",
        "2x",
        "99999999999999d",
        "\u0661\u0662:\u0660\u0660",
        "0000-01-01",
        "0001-01-01",
    ],
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_moment(text, NOW)
    assert "no time" in caught.value.what
    assert caught.value.why in (
        None,
        "there is no such day, time of day or zone, or it is too far away",
    )
    assert "14:02" in (caught.value.next_step or "")


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_bad_input(text: str) -> None:
    try:
        span = parse_moment(text, NOW)
    except BadInput:
        return
    assert span.start_ns < span.end_ns


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001
def test_iso_8601_in_utc_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_moment(moment.isoformat(), NOW).start_ns == int(moment.timestamp()) * S


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:45:00+01:00", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25T02:45:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:10:00+02:00", "2026-10-24T02:30:00+02:00"),
    ],
)
def test_of_an_hour_that_comes_twice_the_latest_that_has_begun_is_meant(
    now: str, start: str
) -> None:
    assert parse_moment("2:30", ns(now)).start_ns == ns(start)
