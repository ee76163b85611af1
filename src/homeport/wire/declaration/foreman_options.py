"""The file `.foreman`: the options with which foreman starts a Procfile where none are given.

Read are those that say what runs: `procfile`, `env`, `formation`. Ports are held otherwise here,
and the rest is about what foreman prints and exports.
"""

from __future__ import annotations

import re

from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Formation = tuple[tuple[str, int], ...] | None
    """How many of each process; None is one of each."""

NAME = ".foreman"

_COUNT = re.compile(r"([^=,]+)=([0-9]{1,6})")
_ALL = "all"


class Options(NamedTuple):
    """What `.foreman` says; None where it does not.

    `env_files` are read in this order, the later winning. `formation` says how many there are of
    each process, and by `all` of those that it does not name.
    """

    procfile: str | None = None
    env_files: tuple[str, ...] | None = None
    formation: Formation = None


def options(data: bytes) -> Options:
    """The options of a file. Raises `BadInput` where it is no mapping of YAML."""
    import yaml

    try:
        found = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadInput(f"{NAME} cannot be read", why=" ".join(str(error).split())) from None
    if found is None:
        return Options()
    if not isinstance(found, dict):
        raise BadInput(f"{NAME} has no options", next_step="write them as `procfile: Procfile.dev`")
    return Options(
        procfile=_text(found, "procfile"),
        env_files=_env_files(_text(found, "env")),
        formation=_formation(_text(found, "formation")),
    )


def count(formation: Formation, name: str) -> int:
    """How many processes of a name there are to be."""
    if formation is None:
        return 1
    said = dict(formation)
    return said.get(name, said.get(_ALL, 0))


def _text(found: Mapping[str, object], name: str) -> str | None:
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadInput(f"{NAME}: {name} is no text", why="foreman reads it as one")
    return value or None


def _env_files(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name for name in text.split(",") if name)


def _formation(text: str | None) -> Formation:
    if text is None:
        return None
    pairs = [pair for pair in re.sub(r"\s", "", text).split(",") if pair]
    found = [_COUNT.fullmatch(pair) for pair in pairs]
    if not all(found):
        raise BadInput(f"{NAME}: formation is {text!r}", next_step='write "web=1,worker=0"')
    return tuple((each[1], int(each[2])) for each in found if each)
