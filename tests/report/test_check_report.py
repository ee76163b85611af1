"""A diagnosis as text, as JSON, and as Markdown for a report; with names that would break out."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from homeport.model.diagnosis import Cause, Diagnosis, Layer, LayerReport, Standing
from homeport.model.identity import Sureness
from homeport.report.check_json import check_json, project_json
from homeport.report.check_report import report
from homeport.report.check_text import change_line, check_lines, project_lines
from homeport.report.style import Style, columns
from homeport.wire.declared import Declared
from tests.schemas import validate

NOW_NS = 1_800_000_000_000_000_000
EVIL = "\x1b[2J\r\nevil\u202e \ud800 <b>|`x`"


def schema(name: str) -> dict[str, object]:
    text = files("homeport.report").joinpath("schemas", name).read_text("utf-8")
    return dict(json.loads(text))


def cause(name: str = "L1", certainty: Sureness = Sureness.SURE, **more: object) -> Cause:
    made = Cause(
        name,
        "nothing listens there",
        Layer.LISTENER,
        certainty,
        ("connecting to 127.0.0.1: refused (ECONNREFUSED) after 0 ms", "nobody listens on port 80"),
        "start it\nthen look again",
    )
    return made._replace(**more)  # type: ignore[arg-type]


LAYERS = tuple(
    LayerReport(layer, standing, f"{layer} in words", ("a fact", "another"))
    for layer, standing in zip(
        Layer,
        [Standing.PASSED, Standing.PASSED, Standing.UNKNOWN, Standing.FAILED]
        + [Standing.NOT_REACHED] * 6,
        strict=True,
    )
)
FOUND = Diagnosis("http://localhost:80", cause(), (), LAYERS, ("a note",), ("a limit",))
OPEN = FOUND._replace(
    cause=None, undecided=(cause("A", Sureness.LIKELY), cause("B", Sureness.LIKELY))
)
WELL = FOUND._replace(
    cause=None, layers=tuple(each._replace(standing=Standing.PASSED) for each in LAYERS)
)
HOSTILE = Diagnosis(
    EVIL,
    cause(title=EVIL, evidence=(EVIL, "password=x y"), fix=f"run {EVIL}"),
    (),
    tuple(each._replace(told=EVIL, facts=(EVIL, "")) for each in LAYERS),
    (EVIL,),
    (EVIL,),
)
EMPTY = FOUND._replace(layers=tuple(each._replace(told="", facts=("",)) for each in LAYERS))
ALL = {"found": FOUND, "open": OPEN, "well": WELL, "hostile": HOSTILE, "empty": EMPTY}
each_diagnosis = pytest.mark.parametrize("diagnosis", ALL.values(), ids=ALL.keys())
PROJECT = [
    (Declared("web", "127.0.0.1:8000", "Procfile"), WELL),
    (Declared(EVIL, "x", EVIL), HOSTILE),
    (Declared("db", "y", "compose.yaml"), OPEN),
]


def test_the_cause_comes_first() -> None:
    lines = check_lines(FOUND, Style())
    assert lines[0] == "http://localhost:80: nothing listens there"
    assert lines[1] == "  L1, layer listener"
    text = "\n".join(lines)
    assert text.index("Evidence") < text.index("Fix") < text.index("Layers")
    assert "  start it" in lines
    assert "a note" in text
    assert "a limit" in text


def test_what_is_only_likely_is_said_to_be() -> None:
    lines = check_lines(FOUND._replace(cause=cause(certainty=Sureness.LIKELY)), Style())
    assert lines[1] == "  L1, layer listener, likely"


def test_all_is_well() -> None:
    lines = check_lines(WELL, Style())
    assert lines[0] == "http://localhost:80: healthy"
    assert "Evidence" not in "\n".join(lines)


def test_what_remains() -> None:
    text = "\n".join(check_lines(OPEN, Style()))
    assert text.startswith("http://localhost:80: the evidence does not decide\n")
    assert "One of these 2 it is:" in text
    assert "A: nothing listens there" in text


def test_layers_that_were_not_reached_take_one_line_unless_verbose() -> None:
    short, long = check_lines(FOUND, Style()), check_lines(FOUND, Style(), verbose=True)
    assert sum("not reached" in line for line in short) == 1
    assert sum(line.startswith("  -  ") for line in long) == 6
    assert not any("a fact" in line for line in short)
    assert sum("a fact" in line for line in long) == len(Layer)


@each_diagnosis
@pytest.mark.parametrize("width", [40, 80, None])
@pytest.mark.parametrize("verbose", [False, True])
def test_every_line_fits_but_what_is_to_be_copied(
    diagnosis: Diagnosis,
    width: int | None,
    verbose: bool,  # noqa: FBT001
) -> None:
    lines = check_lines(diagnosis, Style(width=width), verbose=verbose)
    whole = {f"  {line}" for line in (diagnosis.cause.fix if diagnosis.cause else "").split("\n")}
    for line in lines:
        assert line.isprintable()
        if line not in whole and not line.startswith("  run "):
            assert width is None or columns(line) <= width, line


@each_diagnosis
def test_colours_change_no_character(diagnosis: Diagnosis) -> None:
    plain = check_lines(diagnosis, Style(width=60), verbose=True)
    painted = check_lines(diagnosis, Style(width=60, color=True), verbose=True)
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in painted] == plain
    assert painted != plain


def test_where_there_are_only_ascii_characters() -> None:
    told = "it says “no…” → end"
    diagnosis = FOUND._replace(
        cause=cause(title=told, evidence=(told,)),
        layers=tuple(each._replace(told=told, facts=(told,)) for each in LAYERS),
        notes=(told,),
    )
    text = "\n".join(check_lines(diagnosis, Style(width=40, unicode=False), verbose=True))
    assert text.isascii()
    assert 'it says "no..." -> end' in text
    assert "\n".join(
        project_lines([(PROJECT[0][0], diagnosis)], [told], Style(unicode=False))
    ).isascii()
    assert change_line(diagnosis, NOW_NS, Style(unicode=False)).isascii()


def test_a_line_for_each_service_and_all_about_those_that_are_ill() -> None:
    lines = project_lines(PROJECT, ["compose.yaml cannot be read: why"], Style(width=100))
    assert lines[0].split() == ["SERVICE", "TARGET", "RESULT", "FROM"]
    assert lines[1].split() == ["web", "http://localhost:80", "healthy", "Procfile"]
    text = "\n".join(lines)
    assert "One of these 2 it is:" in text
    assert "Not read" in text
    assert "cannot be read: why" in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_project_on_a_narrow_screen(width: int) -> None:
    for line in project_lines(PROJECT, [EVIL], Style(width=width)):
        assert line.isprintable()
        assert columns(line) <= width or line.startswith("  run ")


@pytest.mark.parametrize("width", [40, 80, None])
@each_diagnosis
def test_a_change_in_one_line(diagnosis: Diagnosis, width: int | None) -> None:
    line = change_line(diagnosis, NOW_NS, Style(width=width))
    assert line.isprintable()
    assert width is None or columns(line) <= width


@pytest.mark.parametrize("name", ["check-1.json", "checks-1.json"])
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@each_diagnosis
def test_a_program_reads_it(diagnosis: Diagnosis) -> None:
    document = json.loads(check_json(diagnosis).encode("ascii"))
    validate(document, schema("check-1.json"))
    assert [each["layer"] for each in document["layers"]] == [layer.value for layer in Layer]
    assert (document["cause"] is None) == (diagnosis.cause is None)


def test_the_schema_knows_every_layer_and_standing() -> None:
    definitions = schema("check-1.json")["$defs"]
    assert isinstance(definitions, dict)
    assert definitions["layer_name"]["enum"] == [each.value for each in Layer]
    standings = definitions["layer"]["properties"]["standing"]["enum"]
    assert standings == [each.value for each in Standing]
    assert definitions["cause"]["properties"]["certainty"]["enum"] == list(Sureness)


def test_a_program_reads_a_project() -> None:
    document = json.loads(project_json(PROJECT, [EVIL]).encode("ascii"))
    validate(document, schema("checks-1.json"))
    for each in document["services"]:
        validate(each["check"], schema("check-1.json"))
    assert document["services"][0]["source"] == "Procfile"


def test_a_report_is_complete() -> None:
    text = report([FOUND, WELL, OPEN], NOW_NS)
    assert text.startswith("# homeport check\n\nhomeport ")
    assert text.count("## http://localhost:80") == 3
    assert "**L1: nothing listens there** (listener, sure)" in text
    assert "- nobody listens on port 80" in text
    assert "    start it\n    then look again\n" in text
    assert "| listener | failed | listener in words; a fact; another |" in text
    assert "Healthy." in text
    assert "a limit" in text
    assert text.endswith("\n")


def test_a_report_shows_no_secret() -> None:
    secrets = (
        "postgresql://me:hunter2@localhost/shop", "api_key=hunter2x", "--password hunter2",
        "Authorization: Bearer hunter2hunter2", "TOKEN=hunter2",
    )  # fmt: skip
    for secret in secrets:
        diagnosis = Diagnosis(
            secret,
            cause(title=secret, evidence=(secret,), fix=secret),
            (),
            (LayerReport(Layer.NAME, Standing.PASSED, secret, (secret,)),),
            (secret,),
            (secret,),
        )
        assert "hunter2" not in report([diagnosis], NOW_NS)


def test_a_report_is_not_broken_out_of() -> None:
    text = report([HOSTILE], NOW_NS)
    lines = text.splitlines()
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("evil") for line in lines)
    cells = [line for line in lines if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in cells} == {4}
    outside = [line for line in lines if not line.startswith("    ")]
    assert not any(re.search(r"(?<!\\)[<`]", line) for line in outside), outside
