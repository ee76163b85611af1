"""What is wrong in a file that somebody wrote: each mistake with its place and what helps."""

from __future__ import annotations

from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Mistake(NamedTuple):
    """One thing that is wrong in a file.

    `line` and `column` count from 1, None where the whole file is meant; `text` is that line as it
    stands there. `meant` is what would be right: a question, an example, a next step.
    """

    file: str
    what: str
    meant: str | None = None
    line: int | None = None
    column: int | None = None
    text: str | None = None

    @property
    def place(self) -> str:
        """File, line and column, as editors and terminals make a link of them."""
        return ":".join(str(part) for part in self[:1] + self[3:5] if part is not None)


class BadDeclaration(BadInput):
    """A file cannot be used as it is: all of its `mistakes`, in the order of the file."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)
        first = self.mistakes[0]
        if len(self.mistakes) == 1:
            super().__init__(f"{first.place}: {first.what}", next_step=first.meant)
        else:
            told = "; ".join(f"{each.place}: {each.what}" for each in self.mistakes)
            super().__init__(f"{first.file} has {len(self.mistakes)} mistakes", why=told)
