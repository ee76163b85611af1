"""From what the rules found to one cause, or to those that remain: never a confident guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Cause, Diagnosis, Layer
from homeport.model.identity import Sureness
from homeport.model.record import NamedTuple
from homeport.see.diagnose.layers import layer_reports
from homeport.see.diagnose.unexplained import unexplained, works

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.see.diagnose.case import Case
    from homeport.see.diagnose.rule import Rule, Verdict

_ORDER = list(Layer)


class _Found(NamedTuple):
    rule: Rule
    verdict: Verdict

    @property
    def depth(self) -> int:
        """How far down the layers it lies."""
        return _ORDER.index(self.rule.layer)


def conclude(case: Case, rules: Iterable[Rule]) -> Diagnosis:
    """Lets every rule judge, and decides.

    What is sure wins over what is likely, and the layer that a client meets first over a later one:
    what comes after it is its consequence. Several likely ones, or several sure ones in one layer,
    remain undecided. A layer's last resort counts only where no particular rule has found anything,
    and where no rule at all has, what does not work is told as it is.
    """
    judged = [(rule, rule.judge(case)) for rule in rules]
    found = [_Found(rule, verdict) for rule, verdict in judged if verdict is not None]
    causes = _decided(_particular([each for each in found if not each.verdict.note]))
    cause = causes[0].rule.cause(causes[0].verdict) if len(causes) == 1 else None
    if not causes and not works(case):
        cause = unexplained(case)
    undecided = () if cause is not None else tuple(map(_open, causes))
    failed = cause.layer if cause else undecided[0].layer if undecided else None
    return Diagnosis(
        target=case.service.asked,
        cause=cause,
        undecided=undecided,
        layers=layer_reports(case, failed),
        notes=tuple(told for each in found if each.verdict.note for told in each.verdict.evidence),
        limits=limits(case),
    )


def _particular(found: list[_Found]) -> list[_Found]:
    particular = [each for each in found if not each.rule.general]
    if particular or not found:
        return particular
    first = min(each.depth for each in found)
    return [each for each in found if each.depth == first]


def _decided(found: list[_Found]) -> Sequence[_Found]:
    sure = [each for each in found if each.verdict.certainty is Sureness.SURE]
    if not sure:
        return sorted(found, key=lambda each: each.depth)
    first = min(each.depth for each in sure)
    return [each for each in sure if each.depth == first]


def _open(found: _Found) -> Cause:
    """A cause that remains possible, with how to tell it from the others."""
    cause = found.rule.cause(found.verdict)
    apart = found.verdict.tell_apart
    fix = cause.fix if apart is None else f"to tell: {apart}; then: {cause.fix}"
    return cause._replace(certainty=Sureness.LIKELY, fix=fix)


def limits(case: Case) -> tuple[str, ...]:
    """What could not be looked at, where that may matter."""
    told = list(case.limits)
    if case.firewall.why_hidden is not None and case.after is not None and not case.connected:
        told.append(f"The firewall was not looked at: {case.firewall.why_hidden}")
    return tuple(dict.fromkeys((*told, *case.snapshot.limits)))
