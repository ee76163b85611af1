"""Reads package.json, and keeps Node.js on loopback; runs nothing.

Node.js listens on every address unless its code names one. A small module that is loaded before
the program (NODE_OPTIONS) puts 127.0.0.1 there.
"""

from __future__ import annotations

from homeport.host import peeking, programs
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

_LOOPBACK = __file__.rpartition("/")[0] + "/loopback.cjs"


class Package(NamedTuple):
    """What a package.json says, as far as it is of use here."""

    dependencies: frozenset[str]
    scripts: tuple[tuple[str, str], ...]
    main: str | None = None

    def script(self, name: str) -> str | None:
        """The command line of a script."""
        return dict(self.scripts).get(name)


def package(directory: str) -> Package | None:
    """The package of a directory; None where there is none, or it cannot be read."""
    import json

    text = peeking.text_of(f"{directory}/package.json")
    try:
        data = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    main = data.get("main")
    return Package(
        dependencies=frozenset(
            name for key in ("dependencies", "devDependencies") for name, _ in _texts(data.get(key))
        ),
        scripts=_texts(data.get("scripts")),
        main=main if isinstance(main, str) else None,
    )


def _texts(value: object) -> tuple[tuple[str, str], ...]:
    """The pairs of an object whose values are texts."""
    if not isinstance(value, dict):
        return ()
    return tuple((str(key), each) for key, each in value.items() if isinstance(each, str))


def node_environment(place: Place) -> tuple[tuple[str, str], ...]:
    """What keeps Node.js on loopback, and its tools from opening a browser."""
    return (("NODE_OPTIONS", _node_options(place)), ("BROWSER", "none"))


def _node_options(place: Place) -> str:
    written = dict(place.service.env).get("NODE_OPTIONS")
    # A path with a space or a quote has to be quoted, as node's documentation of the variable says.
    plain = not set(_LOOPBACK) & set(' "\\')
    path = _LOOPBACK if plain else '"' + _LOOPBACK.replace("\\", "\\\\").replace('"', '\\"') + '"'
    others = written or programs.variable("NODE_OPTIONS") or ""
    return f"{others} --require={path}".strip()
