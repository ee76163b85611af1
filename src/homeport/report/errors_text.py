"""An error as lines for people: what happened, why, what to do next."""

from __future__ import annotations

import re

from homeport.report.style import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError


# A message that quotes by repr() has bytes that were no UTF-8 (PEP 383) as half of a character.
_ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")


def shown(text: str) -> str:
    r"""A message as it can be printed, bytes that were no UTF-8 as `\xff`."""
    return _ESCAPED_BYTE.sub(r"\\x\1", printable(text))


def render(error: HomeportError, program: str = "homeport") -> str:
    """One line for each part of the error that is known, the first begins with the program."""
    lines = [f"{program}: {shown(error.what)}"]
    if error.why:
        lines.append(f"  why: {shown(error.why)}")
    if error.next_step:
        lines.append(f"  next: {shown(error.next_step)}")
    return "\n".join(lines)
