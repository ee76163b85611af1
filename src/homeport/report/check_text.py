"""A diagnosis for people: the cause, its evidence and the fix first; then the layers."""

from __future__ import annotations

from homeport.model.diagnosis import Layer, LayerReport, Standing
from homeport.model.identity import Sureness
from homeport.report.moments import local
from homeport.report.prose import item, section, wrapped
from homeport.report.style import Role, padded, printable
from homeport.report.table import Column, Painted, Section, fitted, heading, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from homeport.model.diagnosis import Cause, Diagnosis
    from homeport.report.style import Style
    from homeport.report.table import Cell
    from homeport.wire.declared import Declared

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
    lines = _found(diagnosis, style)
    lines += section("Layers", _layers(diagnosis, style, verbose=verbose), style)
    for name, told in (("Good to know", diagnosis.notes), ("Not seen", diagnosis.limits)):
        lines += section(name, _sentences(told, style), style)
    return lines


def _found(diagnosis: Diagnosis, style: Style) -> list[str]:
    title = f"{printable(diagnosis.target)}: {_result(diagnosis)}"
    lines = [heading(_spelled(title, style), style)]
    if diagnosis.cause is not None:
        lines += _cause(diagnosis.cause, style)
    elif diagnosis.undecided:
        lines += _undecided(diagnosis.undecided, style)
    return lines


def project_lines(
    checks: Sequence[tuple[Declared, Diagnosis]], troubles: Iterable[str], style: Style
) -> list[str]:
    """A line for each service, and all about those with which something is wrong."""
    rows: list[list[Cell]] = [
        [each.name, diagnosis.target, _painted(diagnosis, style), each.source]
        for each, diagnosis in checks
    ]
    lines = render(_COLUMNS, [Section("", rows)], style)
    for _, diagnosis in checks:
        if not diagnosis.healthy:
            lines += ["", *_found(diagnosis, style)]
    return lines + section("Not read", _sentences(tuple(troubles), style), style)


_COLUMNS = (
    Column("SERVICE", 8, 1, Role.HEADING),
    Column("TARGET", 20, 0),
    Column("RESULT", 20, 0),
    Column("FROM", 8, 2, Role.FAINT),
)


def _painted(diagnosis: Diagnosis, style: Style) -> Painted:
    return Painted(
        _spelled(_result(diagnosis), style), Role.GOOD if diagnosis.healthy else Role.BAD
    )


def change_line(diagnosis: Diagnosis, now_ns: int, style: Style) -> str:
    """A result in one line, with the moment."""
    told = printable(_spelled(_result(diagnosis), style))
    return fitted(f"{local(now_ns)}  {told}", style)


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
        yield from ("", heading(_spelled(f"{cause.id}: {cause.title}", style), style))
        yield from _sentences(cause.evidence, style)
        yield from _fix(cause.fix, style)


def _sentences(sentences: tuple[str, ...], style: Style) -> list[str]:
    return [line for each in sentences for line in item(_spelled(each, style), style)]


_ASCII = str.maketrans({"“": '"', "”": '"', "…": "...", "→": "->"})


def _spelled(text: str, style: Style) -> str:
    """The text without the characters that are ours and that the receiver does not have."""
    return text if style.unicode else text.translate(_ASCII)


def _fix(text: str, style: Style) -> list[str]:
    """Line by line, whole: it is there to be copied."""
    return [
        style.paint(f"  {printable(line)}", Role.NAME)
        for line in _spelled(text, style).splitlines()
    ]


def _layers(diagnosis: Diagnosis, style: Style, *, verbose: bool) -> list[str]:
    shown = diagnosis.layers
    behind = [each.layer.value for each in shown if each.standing is Standing.NOT_REACHED]
    if not verbose:
        shown = tuple(each for each in shown if each.standing is not Standing.NOT_REACHED)
    lines = [line for each in shown for line in _layer(each, style, verbose=verbose)]
    if behind and not verbose:
        told = wrapped(f"not reached: {', '.join(behind)}", style, first="  ", rest=" " * 4)
        lines += (style.paint(line, Role.FAINT) for line in told)
    return lines


def _layer(report: LayerReport, style: Style, *, verbose: bool) -> list[str]:
    word, role = _MARKS[report.standing]
    first = f"  {padded(word, _MARK_WIDTH)}  {padded(report.layer.value, _NAME_WIDTH)}  "
    told = _spelled(report.told, style)
    lines = wrapped(told, style, first=first, rest=" " * len(first)) or [first.rstrip()]
    painted = style.paint(padded(word, _MARK_WIDTH), role)
    lines[0] = lines[0].replace(padded(word, _MARK_WIDTH), painted, 1)
    if verbose:
        indent = " " * len(first)
        lines += [
            line
            for fact in report.facts
            for line in wrapped(_spelled(fact, style), style, first=indent, rest=f"{indent}  ")
        ]
    return lines
