"""The values of filters that several commands take, read from the command line."""

from __future__ import annotations

import os

from homeport.model.errors import BadInput
from homeport.model.port import PortRange, parse_port


def port_ranges(text: str) -> tuple[PortRange, ...]:
    """The ranges in `80,443,3000-3999`; raises `BadInput`."""
    ranges = []
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        span = PortRange(parse_port(first), parse_port(last if dash else first))
        if span.first > span.last:
            raise BadInput(f"{part!r} is no range of ports", next_step="the smaller port first")
        ranges.append(span)
    return tuple(ranges)


def projects(text: str | None) -> frozenset[str]:
    """A project's name or its root, which a directory below it stands for too."""
    from homeport import api

    if text is None:
        return frozenset()
    root = api.project_root(os.path.realpath(text)) if os.path.isdir(text) else None
    return frozenset({text} if root is None else {text, root})


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
