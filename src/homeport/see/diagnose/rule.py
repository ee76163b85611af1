"""What a rule is: one cause, one file, and the evidence that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Cause, Layer
from homeport.model.identity import Sureness
from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.see.diagnose.case import Case


class Verdict(NamedTuple):
    """What a rule found: its evidence, what mends it, and how sure that is.

    `title` takes the place of the rule's where the case has a better one. `tell_apart` says how
    to find out where the evidence of several remains. A `note` is worth knowing and no fault: its
    evidence is told, and the service is healthy all the same.
    """

    evidence: tuple[str, ...]
    fix: str
    certainty: Sureness = Sureness.SURE
    title: str | None = None
    tell_apart: str | None = None
    note: bool = False


class Rule(NamedTuple):
    """One cause.

    `symptom` is what a client sees of it, `looks_for` the evidence that decides, `fix` what to do
    in general, for the reference. `needs_root` says what cannot be seen without. `general` marks
    the last resort of a layer: it holds only where no particular rule of any layer does.
    """

    id: str
    title: str
    layer: Layer
    symptom: str
    looks_for: str
    fix: str
    judge: Callable[[Case], Verdict | None]
    needs_root: str | None = None
    general: bool = False

    def cause(self, verdict: Verdict) -> Cause:
        """The cause that a verdict stands for."""
        return Cause(
            id=self.id,
            title=verdict.title or self.title,
            layer=self.layer,
            certainty=verdict.certainty,
            evidence=verdict.evidence,
            fix=verdict.fix,
        )
