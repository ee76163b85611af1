"""How a service is seen to be well: `"http:/healthz"`, or a table that says more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from homeport.model.service import SECOND_MS, Check, CheckKind
from homeport.wire.declaration.kinds import (
    Field,
    Kind,
    Refused,
    either,
    object_schema,
    one,
    read_table,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from homeport.wire.declaration.kinds import Mistakes
    from homeport.wire.declaration.toml_places import Path

_FORMS = {
    "http": (CheckKind.HTTP, r"/\S*", "a path that begins with /: http:/healthz"),
    "log": (CheckKind.LOG, r".+", "a regular expression: log:listening on"),
    "cmd": (CheckKind.COMMAND, r".*\S.*", "a command: cmd:pg_isready"),
}
_BARE_FORMS = {"tcp": CheckKind.TCP, "nothing": CheckKind.NOTHING}


def _check_of(value: object, forms: Sequence[str]) -> Check:
    word = text_of(value)
    if word in _BARE_FORMS and word in forms:
        return Check(_BARE_FORMS[word])
    form, colon, rest = word.partition(":")
    if form not in forms or form in _BARE_FORMS or not colon:
        raise Refused(f"is {either([_shape(each) for each in forms])}")
    kind, pattern, right = _FORMS[form]
    if re.fullmatch(pattern, rest) is None:
        raise Refused(f"needs {right}")
    if kind is CheckKind.LOG:
        _compile(rest)
    return Check(kind, rest)


def _compile(pattern: str) -> None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise Refused(f"has no regular expression that can be read: {error}") from None


def _shape(form: str) -> str:
    return {"http": "http:/PATH", "log": "log:REGEX", "cmd": "cmd:COMMAND"}.get(form, form)


def check(forms: Sequence[str], more: Sequence[Field], example: str, usual: Check) -> Kind:
    """A way to see that a service is well: in short, or a table with the fields of `more`."""
    bare = [each for each in forms if each in _BARE_FORMS]
    long = [f"{each}:{_FORMS[each][1]}" for each in forms if each in _FORMS]
    pattern = {"type": "string", "pattern": f"^(?:{'|'.join((*bare, *long))})$"}
    called = f'{either([_shape(each) for each in forms])}, or a table with "check"'
    short = one(called, example, pattern, lambda value: _check_of(value, forms))
    what = "What is looked at, as in the short form."
    fields = (Field("check", short, what, required=True), *more)

    def read(value: object, path: Path, mistakes: Mistakes) -> Check | None:
        given: dict[str, Any] = {}
        if isinstance(value, dict):
            given = read_table(fields, value, path, mistakes)
            seen: Check | None = given.get("check")
        else:
            seen = short.read(value, path, mistakes)
        return None if seen is None else _timed(seen, given, usual)

    return Kind(called, example, {"anyOf": [pattern, object_schema(fields)]}, read)


def _timed(seen: Check, given: Mapping[str, Any], usual: Check) -> Check:
    return seen._replace(
        timeout_ms=given.get("timeout", usual.timeout_ms),
        interval_ms=given.get("interval", usual.interval_ms),
        failures=given.get("failures", usual.failures),
    )


READY = Check()
HEALTH = Check(timeout_ms=5 * SECOND_MS)
