"""Lines of a log file: the time, in UTC and with milliseconds, a blank, and the text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from homeport.model.log import LogLine
from homeport.wire.terminal_text import only_colours

_SECOND_NS = 1_000_000_000
_MILLISECOND_NS = 1_000_000
_LENGTH = len("2026-11-26T01:23:19.123Z")


def format_line(line: LogLine) -> bytes:
    """The bytes of a line, with its end."""
    return f"{_moment(line.time_ns or 0)} {line.text}\n".encode("utf-8", "replace")


def parse_line(data: bytes) -> LogLine:
    """Reads a line without its end; one that is not of this form has no time."""
    text = data.decode("utf-8", "replace")
    time_ns = _parsed(text[:_LENGTH]) if text[_LENGTH : _LENGTH + 1] == " " else None
    # Whatever has got into the file reaches a terminal only through this.
    return LogLine(time_ns, only_colours(text if time_ns is None else text[_LENGTH + 1 :]))


@lru_cache(maxsize=1)  # the lines of one piece of output have one time
def _moment(time_ns: int) -> str:
    seconds, rest_ns = divmod(time_ns, _SECOND_NS)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // _MILLISECOND_NS:03}Z"


def _parsed(text: str) -> int | None:
    if not text.isascii() or not text.endswith("Z"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * _SECOND_NS + moment.microsecond * 1000
