"""What X in `explain X` is: an endpoint, a port, a URL, a pid, a name, or a text that holds one."""

from __future__ import annotations

import re

from homeport.model.errors import BadInput, NotFound
from homeport.model.explanation import Mention
from homeport.model.port import MAX_PORT, parse_port, shortened
from homeport.model.record import NamedTuple
from homeport.model.target import Target, parse_target
from homeport.wire.paste import find_mentions
from homeport.wire.secrets import masked

_MOST_SHOWN = 200
_MOST_PID_DIGITS = 9
_MOST_AT_ONCE = 100


class Reading(NamedTuple):
    """A text once read, before anything was asked of the machine.

    One of `mentions`, `name` and `pid` is there. `asked` is the text in one line, cut, with its
    secrets masked.
    """

    asked: str
    mentions: tuple[Mention, ...] = ()
    name: str | None = None
    pid: int | None = None


def read(text: str) -> Reading:
    """Reads what was typed or pasted.

    Raises `BadInput` for what is meant as an endpoint and cannot be one, `NotFound` for a longer
    text in which there is neither an endpoint nor a complaint.
    """
    asked = shortened(" ".join(masked(text).split()), _MOST_SHOWN)
    if not asked:
        raise BadInput("there is nothing to explain", next_step="homeport explain 8000")
    pid = _pid(asked)
    if pid is not None:
        return Reading(asked, pid=pid)
    return _read_one(asked) if _is_one(text) else _read_text(text, asked)


def _is_one(text: str) -> bool:
    """Whether it is a single word, or `tcp 127.0.0.1:80`."""
    words = text.split()
    return len(words) == 1 or (len(words) == 2 and words[0].lower() in ("tcp", "udp", "mptcp"))


def _pid(asked: str) -> int | None:
    kind, separator, digits = asked.partition(":")
    if kind.lower() != "pid" or not separator:
        return None
    digits = digits.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_PID_DIGITS):
        what = f"{shortened(digits)!r} is not a pid, in {shortened(asked)!r}"
        raise BadInput(what, next_step="write pid:812")
    return int(digits)


def _read_one(asked: str) -> Reading:
    try:
        target = parse_target(asked)
    except BadInput as error:
        return _read_odd(asked, error)
    if target.port is None and target.host is not None and not target.addresses:
        return Reading(asked, name=target.host)
    return Reading(asked, (Mention(target, asked),))


def _read_odd(asked: str, error: BadInput) -> Reading:
    """One word that is no endpoint, but may hold one, as `'127.0.0.1:62893',` does."""
    mentions = find_mentions(asked)
    if mentions:
        return Reading(asked, mentions)
    if _could_name(asked):
        return Reading(asked, name=asked)
    if asked.isdigit() and len(asked) <= _MOST_PID_DIGITS and int(asked) > MAX_PORT:
        step = f"if it is a pid: homeport explain pid:{asked}"
        raise BadInput(error.what, why=error.why, next_step=step)
    raise error


def _could_name(word: str) -> bool:
    """Whether it may be the name of a unit or a project, such as `postgresql@15-main.service`."""
    plain = word.replace("@", "").replace("-", "").replace(".", "").replace("_", "")
    return plain.isalnum() and not plain.isdigit()


def _read_text(text: str, asked: str) -> Reading:
    mentions = find_mentions(text)
    if mentions:
        return Reading(asked, mentions)
    _refuse_several(text)
    _refuse_no_port(text)
    raise NotFound(
        "the text holds no endpoint and no complaint that is known",
        why="an address with a port, a port, a URL, or an error such as ECONNREFUSED was expected",
        next_step="homeport explain 127.0.0.1:8000",
    )


# `ERR_SOCKET_BAD_PORT: options.port should be >= 0 and < 65536. Received type number (70000).`
_OUT_OF_RANGE = re.compile(r"bad_?port|invalid port|port out of range|6553[56]", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.<])(?<!< )(?<!<= )(?<!0-)\d{5,9}(?!\w)")


def _refuse_no_port(text: str) -> None:
    """Raises `BadInput` where the text complains of a number that no port has."""
    if _OUT_OF_RANGE.search(text):
        for number in _NUMBER.findall(text):
            parse_port(number)


def _refuse_several(text: str) -> None:
    """Raises `BadInput` where each word is an endpoint of its own, as in `explain 80 81`."""
    words = text.split()
    if 1 < len(words) < _MOST_AT_ONCE and all(map(_is_endpoint, words)):
        raise BadInput(
            f"these are {len(words)} endpoints",
            next_step=f"one at a time: homeport explain {words[0]}",
        )


def _is_endpoint(word: str) -> bool:
    try:
        return parse_target(word).port is not None
    except BadInput:
        return False


def describe(target: Target) -> str:
    """The target as it is spoken of: `port 5432`, `127.0.0.1:5432`."""
    is_port = target.address is None and target.host is None and not target.wildcard
    text = f"port {target.port}" if is_port else str(target)
    return f"{target.transport.value.upper()} {text}" if target.transport == "udp" else text
