"""`homeport/check@1`: a diagnosis as JSON for programs. Its schema is `schemas/check-1.json`."""

from __future__ import annotations

from json import dumps

from homeport.report.ls_json import valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.diagnosis import Cause, Diagnosis, LayerReport
    from homeport.wire.declared import Declared

SCHEMA = "homeport/check@1"


def check_json(diagnosis: Diagnosis) -> str:
    """The document, in one line."""
    return dumps(diagnosis_json(diagnosis))


def project_json(checks: Iterable[tuple[Declared, Diagnosis]], troubles: Iterable[str]) -> str:
    """`homeport/checks@1`: the checks of all that a project's files declare."""
    return dumps(
        {
            "schema": "homeport/checks@1",
            "services": [
                {
                    "name": valid(each.name),
                    "source": valid(each.source),
                    "check": diagnosis_json(diagnosis),
                }
                for each, diagnosis in checks
            ],
            "limits": [valid(each) for each in troubles],
        }
    )


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, object]:
    """A diagnosis of `homeport/check@1`."""
    return {
        "schema": SCHEMA,
        "target": valid(diagnosis.target),
        "cause": None if diagnosis.cause is None else cause_json(diagnosis.cause),
        "undecided": [cause_json(each) for each in diagnosis.undecided],
        "layers": [_layer(each) for each in diagnosis.layers],
        "notes": [valid(each) for each in diagnosis.notes],
        "limits": [valid(each) for each in diagnosis.limits],
    }


def cause_json(cause: Cause) -> dict[str, object]:
    """A cause: that which is wrong, or one of those that remain."""
    return {
        "id": cause.id,
        "title": valid(cause.title),
        "layer": cause.layer.value,
        "certainty": cause.certainty.value,
        "evidence": [valid(each) for each in cause.evidence],
        "fix": valid(cause.fix),
    }


def _layer(report: LayerReport) -> dict[str, object]:
    return {
        "layer": report.layer.value,
        "standing": report.standing.value,
        "told": valid(report.told),
        "facts": [valid(each) for each in report.facts],
    }
