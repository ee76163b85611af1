"""`NamedTuple` without what it costs at start-up: the base of every fact in this house.

`typing.NamedTuple` brings the typing module and compiles each annotation, 5 to 10 ms in a command
that has 40. Type checkers see the original; at run time this one makes the same classes, with
annotations left as the text that they are.
"""

from __future__ import annotations

import collections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414  (handed on)
else:
    _OF_THE_CLASS_ITSELF = frozenset({"__annotations__", "__module__", "__qualname__"})

    class _Maker(type):
        """Turns a class of annotated names into a named tuple with the class's own methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = collections.namedtuple(  # noqa: PYI024  (what typing's makes, too)
                name, fields, defaults=defaults, module=body["__module__"]
            )
            made.__annotations__ = dict(fields)
            made.__qualname__ = body["__qualname__"]
            for attribute, value in body.items():
                if attribute not in fields and attribute not in _OF_THE_CLASS_ITSELF:
                    setattr(made, attribute, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """Fields by annotation, defaults by assignment, immutable; see `typing.NamedTuple`."""
