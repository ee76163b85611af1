"""From findings to one cause: by rules made up for it, and by the real ones on made-up cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeport.host.client import Client
from homeport.host.resolver import Resolution
from homeport.model.diagnosis import Layer, Standing
from homeport.model.identity import Sureness
from homeport.model.snapshot import Snapshot
from homeport.see.diagnose.case import Attempt, Case, Firewall, Machine, Outcome, Talk
from homeport.see.diagnose.catalog import rules
from homeport.see.diagnose.conclude import conclude
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.wire.exchange import Ended, Heard
from homeport.wire.service_url import parse_service
from tests.see.diagnose.cases import TARGETS, binding_cases, cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.diagnosis import Diagnosis

WELL = Case(
    service=parse_service("http://me:hunter2@localhost:8000/"),
    client=Client(9, 1000, {}),
    resolution=Resolution("localhost", ("127.0.0.1",)),
    machine=Machine(),
    snapshot=Snapshot(0, (), limits=("owners are hidden",)),
    attempts=(Attempt("127.0.0.1", Outcome.CONNECTED),),
    talk=Talk(Heard(b"x", Ended.ENOUGH), healthy=True),
)
ILL = WELL._replace(talk=Talk(Heard(b"", Ended.CLOSED)))


def rule(
    name: str,
    layer: Layer,
    certainty: Sureness | None = Sureness.SURE,
    *,
    general: bool = False,
    note: bool = False,
) -> Rule:
    """One that finds what it is told to find; nothing where its certainty is None."""
    verdict = (
        None
        if certainty is None
        else Verdict(
            (f"evidence of {name}",),
            f"fix {name}",
            certainty,
            tell_apart=f"look at {name}",
            note=note,
        )
    )
    return Rule(name, f"title {name}", layer, "", "", "", lambda _: verdict, general=general)


LIKELY = Sureness.LIKELY


def found(diagnosis: Diagnosis) -> str | list[str] | None:
    if diagnosis.cause is not None:
        assert not diagnosis.undecided
        return diagnosis.cause.id
    return [each.id for each in diagnosis.undecided] or None


@pytest.mark.parametrize(
    ("given_", "concluded"),
    [
        ([], None),
        ([rule("A", Layer.TCP, None)], None),
        ([rule("A", Layer.TCP)], "A"),
        ([rule("A", Layer.TCP, LIKELY)], "A"),
        ([rule("A", Layer.NAME, LIKELY), rule("B", Layer.TLS)], "B"),
        ([rule("A", Layer.TLS), rule("B", Layer.NAME)], "B"),
        ([rule("A", Layer.TLS, LIKELY), rule("B", Layer.NAME, LIKELY)], ["B", "A"]),
        ([rule("A", Layer.TCP), rule("B", Layer.TCP)], ["A", "B"]),
        ([rule("A", Layer.TCP), rule("B", Layer.TCP, LIKELY)], "A"),
        ([rule("A", Layer.NAME, general=True), rule("B", Layer.TLS, LIKELY)], "B"),
        ([rule("A", Layer.NAME, general=True)], "A"),
        ([rule("A", Layer.TCP, general=True), rule("B", Layer.NAME, LIKELY, general=True)], "B"),
        ([rule("A", Layer.NAME, note=True)], None),
        ([rule("A", Layer.NAME, note=True), rule("B", Layer.TCP, general=True)], "B"),
    ],
)
def test_what_wins(given_: Sequence[Rule], concluded: str | list[str] | None) -> None:
    assert found(conclude(WELL, given_)) == concluded


def test_what_remains_says_how_to_tell_and_is_never_sure() -> None:
    diagnosis = conclude(WELL, [rule("A", Layer.TCP), rule("B", Layer.TCP)])
    assert [each.certainty for each in diagnosis.undecided] == [LIKELY, LIKELY]
    assert diagnosis.undecided[0].fix == "to tell: look at A; then: fix A"
    assert not diagnosis.healthy


def test_a_note_is_told_and_is_no_fault() -> None:
    diagnosis = conclude(WELL, [rule("A", Layer.TCP, note=True)])
    assert (diagnosis.healthy, diagnosis.notes) == (True, ("evidence of A",))


def test_limits_are_told_once() -> None:
    case = ILL._replace(
        limits=("owners are hidden", "x"),
        firewall=Firewall(why_hidden="no nft"),
        after=ILL.snapshot,
    )
    assert conclude(case._replace(attempts=()), []).limits == (
        "owners are hidden", "x", "The firewall was not looked at: no nft",
    )  # fmt: skip
    # A connection that came through has passed it.
    assert conclude(case, []).limits == ("owners are hidden", "x")


def test_the_layer_of_the_cause_failed_and_those_behind_were_not_reached() -> None:
    layers = {each.layer: each.standing for each in conclude(ILL, [rule("A", Layer.TCP)]).layers}
    assert layers[Layer.TCP] is Standing.FAILED
    assert layers[Layer.PROTOCOL] is Standing.NOT_REACHED
    assert list(layers.values()).count(Standing.FAILED) == 1


def test_what_does_not_work_is_never_healthy_even_if_no_rule_knows_why() -> None:
    diagnosis = conclude(ILL, [])
    assert found(diagnosis) == "X0"
    assert diagnosis.cause is not None
    assert diagnosis.cause.certainty is LIKELY
    assert diagnosis.cause.layer is Layer.PROTOCOL
    assert "hunter2" not in str(diagnosis)


def check_invariants(case: Case, *, works: bool) -> Diagnosis:
    diagnosis = conclude(case, rules())
    if not works:
        assert not diagnosis.healthy
    failed = [each for each in diagnosis.layers if each.standing is Standing.FAILED]
    assert len(failed) == (0 if diagnosis.healthy else 1)
    for cause in (diagnosis.cause, *diagnosis.undecided):
        if cause is not None:
            assert all((cause.id, cause.title, cause.fix, cause.evidence, *cause.evidence))
            assert "None" not in " ".join((cause.title, cause.fix, *cause.evidence))
    assert "secret" not in str(diagnosis)
    return diagnosis


@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(case=cases())
def test_an_unhealthy_case_never_ends_as_healthy(case: Case) -> None:
    check_invariants(case, works=case.talk is not None and case.talk.healthy)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("text", TARGETS)
def test_whatever_is_asked(text: str, data: st.DataObject) -> None:
    case = data.draw(cases(text))
    check_invariants(case, works=case.talk is not None and case.talk.healthy)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(case=binding_cases())
def test_an_address_that_cannot_be_bound_is_never_healthy(case: Case) -> None:
    refused = {"taken", "not permitted", "no such address"}
    works = case.wanted is not None and case.wanted.plain not in refused
    check_invariants(case, works=works)
