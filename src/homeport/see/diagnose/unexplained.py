"""The net below all rules: what does not work is never told as healthy, whoever knows why."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Cause, Layer, Standing
from homeport.model.explanation import BindVerdict
from homeport.model.identity import Sureness
from homeport.see.diagnose.layers import layer_reports
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.model.diagnosis import LayerReport
    from homeport.see.diagnose.case import Case

_NOT_FREE = (BindVerdict.TAKEN, BindVerdict.NOT_PERMITTED, BindVerdict.NOT_HERE)


def works(case: Case) -> bool:
    """Whether the client got what it wants: an answer, or an address to listen on."""
    if case.resolution.error is not None:
        return False
    if case.wanted is not None:
        return case.wanted.plain not in _NOT_FREE
    if case.talk is None or case.talk.heard.ended is Ended.UNSECURED:
        return False
    return case.talk.healthy


def unexplained(case: Case) -> Cause:
    """Where it fails, in place of why."""
    where = _where(case)
    asked = quote(case.service.asked)
    return Cause(
        id="X0",
        title="it does not work, and no known cause fits",
        layer=where.layer,
        certainty=Sureness.LIKELY,
        evidence=(where.told, *where.facts, *(each.told for each in case.attempts)),
        fix=(
            f"homeport check --verbose {asked} shows every layer\n"
            f"homeport check --report report.md {asked} writes it down: please send it to us"
        ),
    )


def _where(case: Case) -> LayerReport:
    """The first layer that failed; else the last one of which something is unknown."""
    reports = layer_reports(case, None)
    failed = [each for each in reports if each.standing is Standing.FAILED]
    unknown = [each for each in reports if each.standing is Standing.UNKNOWN]
    if failed or unknown:
        return (failed or unknown[-1:])[0]
    layer = Layer.LISTENER if case.binding else Layer.APPLICATION
    told = (case.wanted.why if case.wanted else None) or "the server gave no answer to judge"
    return reports[-1]._replace(layer=layer, told=told, facts=())
