"""What can go wrong, as fields: what happened, why, and what to do next.

Only the faces turn an error into text. A `HomeportError` is something in the world; a bug of our
own stays an ordinary exception.
"""

from __future__ import annotations


class HomeportError(Exception):
    """Something in the world stands in the way.

    `what` happened, `why` (None where it is not known), and `next_step`: a sentence or a command
    that helps.
    """

    def __init__(self, what: str, *, why: str | None = None, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        """All three parts in one line, for logs and tracebacks of library users."""
        return ": ".join(part for part in (self.what, self.why, self.next_step) if part)


class BadInput(HomeportError):
    """What was typed cannot be read: wrong usage, exit status 2."""


class BrokenMessage(HomeportError):
    """Bytes or text from the kernel, or from a file, are not of the form that they should have."""


class NotPermitted(HomeportError):
    """The operating system refuses this to the user who asks."""


class NotSupported(HomeportError):
    """This platform or kernel does not offer what is needed."""


class NotFound(HomeportError):
    """There is nothing of that name, port or pid."""


class StateUnusable(HomeportError):
    """A file of Homeport's own state cannot be read or written."""
