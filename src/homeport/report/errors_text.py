"""An error as lines for people: what happened, why, what to do next."""

from __future__ import annotations

import re

from homeport.report.style import columns, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.errors import HomeportError
    from homeport.model.mistake import Mistake


# A message that quotes by repr() has bytes that were no UTF-8 (PEP 383) as half of a character.
_ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")


def shown(text: str) -> str:
    r"""A message as it can be printed, bytes that were no UTF-8 as `\xff`."""
    return _ESCAPED_BYTE.sub(r"\\x\1", printable(text))


def render(error: HomeportError, program: str = "homeport") -> str:
    """One line for each part of the error that is known, the first begins with the program.

    What is wrong in a file is shown with the line that it stands in.
    """
    if mistakes := getattr(error, "mistakes", ()):
        return "\n".join(_told(mistakes, program))
    lines = [f"{program}: {shown(error.what)}"]
    if error.why:
        lines.append(f"  why: {shown(error.why)}")
    if error.next_step:
        lines.append(f"  next: {shown(error.next_step)}")
    return "\n".join(lines)


_MOST_MISTAKES = 20
_WIDEST_LINE = 100


def _told(mistakes: tuple[Mistake, ...], program: str) -> Iterator[str]:
    if len(mistakes) > 1:
        yield f"{program}: {shown(mistakes[0].file)} has {len(mistakes)} mistakes"
    before = "" if len(mistakes) > 1 else f"{program}: "
    for mistake in mistakes[:_MOST_MISTAKES]:
        yield f"{before}{shown(mistake.place)}: {shown(mistake.what)}"
        yield from _line_with_caret(mistake)
        if mistake.meant:
            yield f"  next: {shown(mistake.meant)}"
    if len(mistakes) > _MOST_MISTAKES:
        yield f"and {len(mistakes) - _MOST_MISTAKES} more"


def _line_with_caret(mistake: Mistake) -> Iterator[str]:
    """The line, and below it a mark where it is wrong; long lines only as far as they fit."""
    if mistake.text is None or mistake.column is None:
        return
    start = max(0, mistake.column - _WIDEST_LINE // 2) if len(mistake.text) > _WIDEST_LINE else 0
    text = mistake.text.expandtabs(1)
    margin = f"  {mistake.line} | "
    yield margin + shown(text[start : start + _WIDEST_LINE])
    yield (
        " " * (len(margin) - 2)
        + "| "
        + " " * columns(shown(text[start : mistake.column - 1]))
        + "^"
    )
