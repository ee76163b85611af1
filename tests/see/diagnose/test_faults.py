"""Every fault, made for real: the right cause or none; no finding where all is well."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.fault import Fault, Healthy, Situation, faults, healthy
from tests.schemas import validate
from tests.support import run_homeport

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "check-1.json").read_text("utf-8"))


def diagnosed(situation: Situation) -> tuple[int, dict[str, Any]]:
    """Exit status and document of `homeport check --json`."""
    done = run_homeport(
        "check",
        "--json",
        *situation.options,
        situation.target,
        namespace=situation.namespace,
        env=situation.env,
        cwd=situation.cwd,
    )
    assert done.stderr == ""
    document = json.loads(done.stdout)
    validate(document, SCHEMA)
    return done.returncode, document


EVERYDAY = {"L1", "L20", "N2", "C1", "S6", "H19", "T3", "K1", "an HTTP server", "a free port"}
"""A fault of each layer; all of them together take minutes."""


def _name(case: Fault | Healthy) -> str:
    return case.id if isinstance(case, Fault) else case.title


def parameters(found: list[Fault] | list[Healthy]) -> list[Any]:
    return [
        pytest.param(
            each,
            id=_name(each),
            marks=[
                mark
                for mark, wanted in (
                    (pytest.mark.root, each.root),
                    (pytest.mark.slow, each.slow or _name(each) not in EVERYDAY),
                )
                if wanted
            ],
        )
        for each in found
    ]


@pytest.mark.parametrize("fault", parameters(faults()))
def test_the_cause_is_found(fault: Fault, tmp_path: Path) -> None:
    with fault.make(tmp_path) as situation:
        status, document = diagnosed(situation)
    assert status == 1, document
    if fault.cause is None:
        assert document["cause"] is None or document["cause"]["certainty"] == "likely"
    else:
        assert document["cause"] is not None, document
        assert document["cause"]["id"] == fault.cause, document
        assert document["cause"]["evidence"]
        assert document["cause"]["fix"]


@pytest.mark.parametrize("server", parameters(healthy()))
def test_where_all_is_well_nothing_is_found(server: Healthy, tmp_path: Path) -> None:
    with server.make(tmp_path) as situation:
        status, document = diagnosed(situation)
    assert (status, document["cause"], document["undecided"]) == (0, None, []), document
