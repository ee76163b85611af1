"""What `kill` is about to end, and what became of it: as text, and as JSON `homeport/kill@1`."""

from __future__ import annotations

from homeport.model.ending import Stage
from homeport.report.cells import process_text, project_text
from homeport.report.ls_json import endpoint_json, process_json, valid
from homeport.report.style import Role, Style, printable
from homeport.report.table import fitted
from homeport.wire.secrets import masked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.ending import Ending, Outcome, Plan
    from homeport.model.process import Process
    from homeport.model.sockets import Listener

SCHEMA = "homeport/kill@1"
_TOLD = {
    Stage.WAITING: ("left alone", Role.CARE),
    Stage.ENDED: ("ended", Role.GOOD),
    Stage.KILLED: ("killed: it did not end when asked", Role.CARE),
    Stage.REFUSED: ("not permitted", Role.BAD),
    Stage.SURVIVED: ("still there, even after KILL", Role.BAD),
}


def plan_lines(plan: Plan, style: Style) -> list[str]:
    """What would be ended, what that belongs to, and what somebody should know before."""
    # Of a group that shares a port with SO_REUSEPORT every socket is a listener of its own.
    places = dict.fromkeys(f"{each.endpoint.transport} {each.endpoint}" for each in plan.listeners)
    where = ", ".join(places)
    lines = [style.paint(fitted(printable(f"To close {where}, this ends:"), style), Role.HEADING)]
    for process in plan.first:
        lines += _process_lines(process, style)
    lines += [_cut(f"  {process_text(each)}, which it started", style) for each in plan.then]
    lines += [
        _cut(f"  not {process_text(each)}, which holds it too", style) for each in plan.staying
    ]
    return lines + [style.paint(_cut(f"  note: {note}", style), Role.CARE) for note in plan.notes]


def _process_lines(process: Process, style: Style) -> list[str]:
    user = f" of {process.user}" if process.user else ""
    project = f", project {project_text(process.project)}" if process.project else ""
    lines = [_cut(f"  {process_text(process)}{user}{project}", style)]
    if process.argv:
        lines.append(_cut(f"    command: {' '.join(masked_words(process.argv))}", style))
    if process.ancestry:
        chain = f" {style.arrow} ".join(
            f"{each.name} {each.pid}" for each in reversed(process.ancestry)
        )
        lines.append(_cut(f"    started by: {chain}", style))
    return lines


def _cut(line: str, style: Style) -> str:
    return fitted(printable(line), style)


def ending_lines(ending: Ending, style: Style) -> list[str]:
    """What became of each process, and whether the endpoints are free now."""
    lines = [_outcome_line(each, style) for each in ending.outcomes]
    remaining = {each.endpoint for each in ending.remaining}
    planned = dict.fromkeys(each.endpoint for each in ending.plan.listeners)
    freed = [endpoint for endpoint in planned if endpoint not in remaining]
    lines += [_cut(f"{endpoint.transport} {endpoint} is free", style) for endpoint in freed]
    left = dict.fromkeys(_remaining_line(each, ending.plan, style) for each in ending.remaining)
    return [*lines, *left]


def _outcome_line(outcome: Outcome, style: Style) -> str:
    words, role = _TOLD.get(outcome.stage, (outcome.stage.value, Role.CARE))
    return style.paint(_cut(f"{process_text(outcome.process)}: {words}", style), role)


def _remaining_line(listener: Listener, plan: Plan, style: Style) -> str:
    before = {each.identity for each in (*plan.first, *plan.then, *plan.staying)}
    again = any(owner.identity not in before for owner in listener.owners)
    holders = ", ".join(map(process_text, listener.owners)) or "a process that is hidden"
    words = "is taken again, by" if again else "is still held by"
    end = listener.endpoint
    return style.paint(_cut(f"{end.transport} {end} {words} {holders}", style), Role.BAD)


def plan_json(plan: Plan) -> dict[str, object]:
    """The document for a plan that was not carried out."""
    stages = dict.fromkeys((*plan.first, *plan.then), "planned")
    return _document(plan, stages.items()) | {"free": None, "remaining": []}


def ending_json(ending: Ending) -> dict[str, object]:
    """The document for a plan that was carried out."""
    outcomes = [(each.process, _outcome(each)) for each in ending.outcomes]
    return _document(ending.plan, outcomes) | {
        "free": not ending.remaining,
        "remaining": [_listener(each) for each in ending.remaining],
    }


def _outcome(outcome: Outcome) -> str:
    return "left alone" if outcome.stage is Stage.WAITING else outcome.stage.value


def _document(plan: Plan, outcomes: Iterable[tuple[Process, str]]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "asked": valid(plan.asked),
        "listeners": [_listener(each) for each in plan.listeners],
        "processes": [process_json(each) | {"outcome": outcome} for each, outcome in outcomes],
        "staying": [process_json(each) for each in plan.staying],
        "notes": [valid(note) for note in plan.notes],
    }


def _listener(listener: Listener) -> dict[str, object]:
    pids = [owner.pid for owner in listener.owners]
    return endpoint_json(listener.endpoint) | {"netns": listener.netns, "pids": pids}
