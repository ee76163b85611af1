"""The values of filters that several commands take, read from the command line."""

from __future__ import annotations

import os

from homeport.model.errors import BadInput
from homeport.model.port import PortRange, parse_port


def given(text: str | None, option: str) -> str | None:
    """The value of an option, None where it is not used; raises `BadInput` for an empty one.

    An empty one is most often a variable of a script that is not set: it must not mean "all".
    """
    if text is not None and not text.strip(" ,"):
        raise BadInput(f"{option} {text!r} says nothing", next_step=f"leave {option} out for all")
    return text


def port_ranges(text: str | None) -> tuple[PortRange, ...]:
    """The ranges in `80,443,3000-3999`; raises `BadInput`."""
    words = given(text, "--port") or ""
    return tuple(_port_range(part) for part in words.split(",") if part)


def _port_range(part: str) -> PortRange:
    first, dash, last = part.partition("-")
    if dash and not (first and last):
        raise BadInput(f"{part!r} is no range of ports", next_step="write 3000-3999")
    low = parse_port(first, typed=part)
    span = PortRange(low, parse_port(last, typed=part) if dash else low)
    if span.first > span.last:
        raise BadInput(f"{part!r} is no range of ports", next_step="the smaller port first")
    return span


def projects(text: str | None) -> frozenset[str]:
    """A project's name or its root, which a directory below it stands for too.

    Raises `BadInput` for a directory that is not there.
    """
    from homeport import api

    if given(text, "--project") is None or text is None:
        return frozenset()
    if text.startswith(("/", "./", "../")) and not os.path.isdir(text):
        raise BadInput(f"there is no directory {text!r}", next_step="--project takes a name, too")
    root = api.project_root(os.path.realpath(text)) if os.path.isdir(text) else None
    return frozenset({text} if root is None else {text, root})


def users(text: str | None) -> frozenset[str]:
    """The user of a name, or of a uid, which need not have one; raises `BadInput`."""
    from homeport import api

    if given(text, "--user") is None or text is None:
        return frozenset()
    if text == "me":
        return frozenset(map(str, api.own_uids()))
    if not (text.isascii() and text.isdigit()) and not api.user_exists(text):
        raise BadInput(f"there is no user {text!r}", next_step="give a name, a uid or `me`")
    return frozenset({text})


def seconds(text: str | None, option: str, *, least: float = 0.0) -> float | None:
    """A number of seconds, up to a year; raises `BadInput`."""
    if text is None:
        return None
    try:
        # float() takes more than a person means by a number: 1_0, 1e3, digits of other scripts.
        value = float(text) if not text.strip("0123456789.") else -1.0
    except ValueError:
        value = -1.0
    if not least <= value <= 366 * 86_400:
        raise BadInput(
            f"{option} {text!r} is no number of seconds", why=f"from {least:g} up to a year"
        )
    return value
