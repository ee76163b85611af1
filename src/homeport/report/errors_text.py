"""An error as lines for people: what happened, why, what to do next."""

from __future__ import annotations

from homeport.report.style import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.errors import HomeportError


def render(error: HomeportError, program: str = "homeport") -> str:
    """One line for each part of the error that is known, the first begins with the program."""
    lines = [f"{program}: {printable(error.what)}"]
    if error.why:
        lines.append(f"  why: {printable(error.why)}")
    if error.next_step:
        lines.append(f"  next: {printable(error.next_step)}")
    return "\n".join(lines)
