"""Where the local authority is installed and who trusts it: text, and JSON `homeport/trust@1`."""

from __future__ import annotations

from shlex import join, quote

from homeport.model.trust import Standing, Verdict
from homeport.report.ls_json import valid
from homeport.report.moments import local
from homeport.report.prose import section, wrapped
from homeport.report.style import Role, Style, columns, padded, printable
from homeport.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.trust import AuthorityFacts, Change, Deed, Trusting, TrustReport

SCHEMA = "homeport/trust@1"
_VERDICTS = {
    Verdict.VERIFIED: ("trusts it", Role.GOOD),
    Verdict.WITH_ENVIRONMENT: ("with the environment of services", Role.CARE),
    Verdict.REFUSED: ("does not trust it", Role.BAD),
    Verdict.UNCLEAR: ("could not be seen", Role.BAD),
    Verdict.NOT_INSTALLED: ("not installed", Role.FAINT),
}
_ADDED = {
    Standing.PLANNED: ("would be installed", Role.CARE),
    Standing.DONE: ("installed", Role.GOOD),
    Standing.ALREADY: ("was installed already", Role.GOOD),
    Standing.BLOCKED: ("not installed", Role.BAD),
    Standing.FAILED: ("not installed", Role.BAD),
}
_TAKEN_OUT = {
    Standing.PLANNED: ("would be taken out", Role.CARE),
    Standing.DONE: ("taken out", Role.GOOD),
    Standing.ALREADY: ("is not there", Role.GOOD),
    Standing.BLOCKED: ("still there", Role.BAD),
    Standing.FAILED: ("still there", Role.BAD),
}


def is_well(report: TrustReport) -> bool:
    """Whether all was done, and every client that is installed trusts the authority."""
    undone = any(each.standing in {Standing.BLOCKED, Standing.FAILED} for each in report.changes)
    doubtful = {Verdict.REFUSED, Verdict.UNCLEAR}
    return not undone and not any(each.verdict in doubtful for each in report.clients)


def trust_lines(report: TrustReport, style: Style) -> list[str]:
    """The whole report."""
    lines = _authority_lines(report, style)
    lines += section("Stores", _change_lines(report, style), style)
    lines += section("Clients, as they were seen to do", _client_lines(report, style), style)
    lines += section("The environment of services", _environment_lines(report, style), style)
    for note in report.notes:
        lines += [style.paint(each, Role.CARE) for each in wrapped(f"note: {note}", style)]
    return lines


def _authority_lines(report: TrustReport, style: Style) -> list[str]:
    facts = report.authority
    if facts is None:
        told = "The local authority would be made." if report.dry_run else _NOBODY
        return wrapped(told, style)
    until = f"{facts.name}, for localhost only, until {local(facts.not_after_ns)}"
    return [*wrapped(until, style), style.paint(printable(f"  {facts.path}"), Role.FAINT)]


_NOBODY = "There is no local authority."


def _change_lines(report: TrustReport, style: Style) -> list[str]:
    lines: list[str] = []
    for each in report.changes:
        words, role = (_ADDED if each.adds else _TAKEN_OUT)[each.standing]
        older = "" if each.adds or report.action == "remove" else f" ({each.name})"
        lines += _painted(f"{each.store}, {each.place}{older}:", words, each.why, role, style)
        if report.dry_run:
            lines += (f"      {printable(command(deed))}" for deed in each.deeds)
        if each.next_step:
            lines += [f"    next: {printable(each.next_step)}"]
    if not lines and report.action == "remove":
        lines = ["  nothing was installed"]
    return lines


def _painted(what: str, words: str, why: str | None, role: Role, style: Style) -> list[str]:
    text = f"{what} {words}" + (f": {why}" if why else "")
    return [style.paint(line, role) for line in wrapped(text, style, first="  ", rest="    ")]


def _client_lines(report: TrustReport, style: Style) -> list[str]:
    widest = max((columns(each.what) for each in report.clients), default=0)
    lines: list[str] = []
    for each in report.clients:
        words, role = _VERDICTS[each.verdict]
        text = f"{words}{_reason(each)}"
        first = f"  {padded(printable(each.what), widest)}  "
        told = wrapped(text, style, first=first, rest=" " * len(first))
        lines += [style.paint(line, role) for line in told]
        if each.next_step:
            lines += [f"    next: {printable(each.next_step)}"]
    return lines


def _reason(client: Trusting) -> str:
    return f": {client.why}" if client.why else ""


def _environment_lines(report: TrustReport, style: Style) -> Iterable[str]:
    for name, value in report.environment:
        yield style.paint(printable(f"  export {name}={quote(value)}"), Role.FAINT)


def command(deed: Deed) -> str:
    """A step as somebody would type it."""
    if deed.argv:
        return join(deed.argv)
    if deed.directory:
        return join(("mkdir", "-p", "-m", "700", deed.path))
    if deed.source is None:
        return join(("rm", deed.path))
    return join(("install", "-m", "644", deed.source, deed.path))


def trust_json(report: TrustReport) -> dict[str, object]:
    """The document."""
    facts = report.authority
    return {
        "schema": SCHEMA,
        "action": report.action,
        "dry_run": report.dry_run,
        "well": is_well(report),
        "authority": None if facts is None else _authority(facts),
        "changes": [_change(each) for each in report.changes],
        "clients": [_client(each) for each in report.clients],
        "environment": {name: valid(value) for name, value in report.environment},
        "notes": [valid(note) for note in report.notes],
    }


def _authority(facts: AuthorityFacts) -> dict[str, object]:
    return {
        "path": valid(facts.path),
        "name": facts.name,
        "sha256": facts.fingerprint,
        "not_before": utc(facts.not_before_ns),
        "not_after": utc(facts.not_after_ns),
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "store": change.store,
        "place": valid(change.place),
        "name": change.name,
        "adds": change.adds,
        "standing": change.standing.value,
        "commands": [valid(command(deed)) for deed in change.deeds],
        "why": _text(change.why),
        "next_step": _text(change.next_step),
    }


def _client(client: Trusting) -> dict[str, object]:
    return {
        "id": client.client,
        "what": client.what,
        "verdict": client.verdict.value,
        "program": _text(client.tried),
        "why": _text(client.why),
        "next_step": _text(client.next_step),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else valid(text)
