"""Moments as people write them: `14:02`, `yesterday`, `2h`, `2026-11-22`, ISO 8601.

What is written less exactly means a longer time: `14:02` is a minute, a date is a day. A time
without a zone is the machine's own.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from homeport.host.clock import SECOND_NS
from homeport.model.errors import BadInput
from homeport.model.port import shortened
from homeport.model.record import NamedTuple

_UNITS = {
    "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800,
}  # fmt: skip
_AGE = re.compile(r"((?:\d{1,9}\s*(?:sec|s|min|m|h|d|w)\s*)+)(?:ago)?", re.ASCII)
_PART = re.compile(r"(\d+)\s*([a-z]+)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d|today|yesterday)"
    r"(?:[t ]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?\s*(z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_EXAMPLES = "write 14:02, yesterday, 2h, 2026-11-22, or 2026-11-22T14:02:00Z"
_LAST_NS = 1 << 62


class Span(NamedTuple):
    """From `start_ns` up to but not including `end_ns`, nanoseconds since the epoch."""

    start_ns: int
    end_ns: int


def parse_moment(text: str, now_ns: int) -> Span:
    """The time that a text means at `now_ns`; raises `BadInput`.

    A time of day without a date is the latest that has begun: at 9:00, `14:02` was yesterday.
    """
    words = " ".join(text.lower().split())
    try:
        span = _age(words, now_ns) or _time_of_day(words, now_ns) or _dated(words, now_ns)
    except (ValueError, OverflowError, OSError):
        why = "there is no such day, time of day or zone, or it is too far away"
        raise _unreadable(text, why) from None
    if span is None:
        raise _unreadable(text, None)
    return span


def _unreadable(text: str, why: str | None) -> BadInput:
    return BadInput(f"{shortened(text)!r} is no time", why=why, next_step=_EXAMPLES)


def _age(words: str, now_ns: int) -> Span | None:
    if words == "now":
        return Span(now_ns, now_ns + 1)
    found = _AGE.fullmatch(words)
    if found is None:
        return None
    seconds = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(found[1]))
    then_ns = max(0, now_ns - seconds * SECOND_NS)
    return Span(then_ns, then_ns + 1)


def _time_of_day(words: str, now_ns: int) -> Span | None:
    found = _TIME.fullmatch(words)
    if found is None:
        return None
    today = _local(now_ns).date()
    days = (today, today - timedelta(days=1))
    # In the hour that comes twice when summer time ends, the second one (fold=1) may have begun.
    hour, minute, second = found.groups()
    spans = [_at(day, hour, minute, second, None, fold=fold) for day in days for fold in (1, 0)]
    return next((span for span in spans if span.start_ns <= now_ns), spans[-1])


def _dated(words: str, now_ns: int) -> Span | None:
    found = _MOMENT.fullmatch(words)
    if found is None:
        return None
    day, hour, minute, second, zone = found.groups()
    on = _day(day, now_ns)
    if hour is None:
        return Span(_ns(datetime.combine(on, time())), _ns(datetime.combine(_after(on), time())))
    return _at(on, hour, minute, second, zone)


def _day(word: str, now_ns: int) -> date:
    if word == "today":
        return _local(now_ns).date()
    if word == "yesterday":
        return _local(now_ns).date() - timedelta(days=1)
    return date.fromisoformat(word)


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _at(
    day: date, hour: str, minute: str, second: str | None, zone: str | None, *, fold: int = 0
) -> Span:
    clock = time(int(hour), int(minute), int(second or 0), fold=fold)
    start_ns = _ns(datetime.combine(day, clock, _zone(zone)))
    return Span(start_ns, start_ns + (SECOND_NS if second else 60 * SECOND_NS))


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _local(now_ns: int) -> datetime:
    return datetime.fromtimestamp(now_ns // SECOND_NS).astimezone()


def _ns(moment: datetime) -> int:
    # A moment without a zone is one of the machine's own; whole seconds are exact in a float.
    return min(int(moment.timestamp()) * SECOND_NS, _LAST_NS)
