"""A diagnosis for a bug report: Markdown, complete, with secrets masked."""

from __future__ import annotations

import platform
import re

from homeport.model.version import __version__
from homeport.report.moments import local
from homeport.report.style import printable
from homeport.wire.secrets import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeport.model.diagnosis import Cause, Diagnosis


def report(diagnoses: Iterable[Diagnosis], now_ns: int) -> str:
    """The whole text; what is known to be secret in URLs, arguments and variables is masked.

    Masked is each piece before it is written as Markdown, whose escapes would hide a secret's name.
    """
    lines = [
        "# homeport check",
        "",
        (
            f"homeport {__version__}, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, {local(now_ns)}"
        ),
    ]
    for diagnosis in diagnoses:
        lines += _one(diagnosis)
    return "\n".join(lines) + "\n"


def _one(diagnosis: Diagnosis) -> Iterator[str]:
    yield from ("", f"## {_plain(diagnosis.target)}", "")
    if diagnosis.healthy:
        yield "Healthy."
    causes = [diagnosis.cause] if diagnosis.cause else diagnosis.undecided
    for cause in causes:
        yield from _cause(cause)
    yield from ("", "| layer | | |", "| --- | --- | --- |")
    for each in diagnosis.layers:
        told = "; ".join((each.told, *each.facts))
        yield f"| {each.layer} | {each.standing} | {_plain(told)} |"
    for told in (*diagnosis.notes, *diagnosis.limits):
        yield from ("", _plain(told))


def _cause(cause: Cause) -> Iterator[str]:
    yield from (f"**{cause.id}: {_plain(cause.title)}** ({cause.layer}, {cause.certainty})", "")
    yield from (f"- {_plain(each)}" for each in cause.evidence)
    yield from (
        "",
        "Fix:",
        "",
        *(f"    {printable(line)}" for line in masked(cause.fix).splitlines()),
    )


_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, also in a cell of a table."""
    return _MARKUP.sub(r"\\\1", printable(masked(text)))
