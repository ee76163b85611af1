"""What is kept of project directories, and the end of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.kept import Kept


def kept_of_projects() -> tuple[Kept, ...]:
    """What is kept for this user of each project directory: data, logs, passwords."""
    from homeport.run.supervise.keeping import kept

    return kept()


def remove_kept(chosen: Sequence[Kept]) -> tuple[Kept, ...]:
    """Deletes what is kept of directories that are gone; those of which it was deleted.

    What came back or runs meanwhile stays. Raises `StateUnusable` where something cannot be
    deleted.
    """
    from homeport.run.supervise.keeping import remove_gone

    return remove_gone(chosen)
