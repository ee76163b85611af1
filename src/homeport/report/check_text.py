"""A diagnosis for people: the cause, its evidence and the fix first; then the layers."""

from __future__ import annotations

from homeport.model.diagnosis import Layer, LayerReport, Standing
from homeport.model.identity import Sureness
from homeport.report.prose import item, section, wrapped
from homeport.report.style import Role, padded, printable
from homeport.report.table import heading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.diagnosis import Cause, Diagnosis
    from homeport.report.style import Style

_MARKS = {
    Standing.PASSED: ("ok", Role.GOOD),
    Standing.FAILED: ("failed", Role.BAD),
    Standing.UNKNOWN: ("?", Role.CARE),
    Standing.NOT_REACHED: ("-", Role.FAINT),
}
_MARK_WIDTH = len("failed")
_NAME_WIDTH = max(len(layer.value) for layer in Layer)


def check_lines(diagnosis: Diagnosis, style: Style, *, verbose: bool = False) -> list[str]:
    """The whole text; `verbose` shows every layer with its facts."""
    lines = [heading(f"{diagnosis.target}: {_result(diagnosis)}", style)]
    if diagnosis.cause is not None:
        lines += _cause(diagnosis.cause, style)
    elif diagnosis.undecided:
        lines += _undecided(diagnosis.undecided, style)
    lines += section("Layers", _layers(diagnosis, style, verbose=verbose), style)
    for name, told in (("Good to know", diagnosis.notes), ("Not seen", diagnosis.limits)):
        lines += section(name, [line for each in told for line in item(each, style)], style)
    return lines


def _result(diagnosis: Diagnosis) -> str:
    if diagnosis.cause is not None:
        return diagnosis.cause.title
    return "the evidence does not decide" if diagnosis.undecided else "healthy"


def _cause(cause: Cause, style: Style) -> Iterator[str]:
    sure = "" if cause.certainty is Sureness.SURE else ", likely"
    yield style.paint(f"  {cause.id}, layer {cause.layer}{sure}", Role.FAINT)
    yield from section("Evidence", _sentences(cause.evidence, style), style)
    yield from section("Fix", _fix(cause.fix, style), style)


def _undecided(causes: tuple[Cause, ...], style: Style) -> Iterator[str]:
    yield from ("", *wrapped(f"One of these {len(causes)} it is:", style))
    for cause in causes:
        yield from ("", heading(f"{cause.id}: {cause.title}", style))
        yield from _sentences(cause.evidence, style)
        yield from _fix(cause.fix, style)


def _sentences(sentences: tuple[str, ...], style: Style) -> list[str]:
    return [line for each in sentences for line in item(each, style)]


def _fix(text: str, style: Style) -> list[str]:
    """Line by line, whole: it is there to be copied."""
    return [style.paint(f"  {printable(line)}", Role.NAME) for line in text.splitlines()]


def _layers(diagnosis: Diagnosis, style: Style, *, verbose: bool) -> list[str]:
    return [line for each in diagnosis.layers for line in _layer(each, style, verbose=verbose)]


def _layer(report: LayerReport, style: Style, *, verbose: bool) -> list[str]:
    word, role = _MARKS[report.standing]
    first = f"  {padded(word, _MARK_WIDTH)}  {padded(report.layer.value, _NAME_WIDTH)}  "
    lines = wrapped(report.told, style, first=first, rest=" " * len(first))
    painted = style.paint(padded(word, _MARK_WIDTH), role)
    lines[0] = lines[0].replace(padded(word, _MARK_WIDTH), painted, 1)
    if verbose:
        lines += [
            line
            for fact in report.facts
            for line in wrapped(fact, style, first=" " * len(first), rest=" " * (len(first) + 2))
        ]
    return lines
