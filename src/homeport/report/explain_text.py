"""An explanation for people: the answer first, then the facts under headings."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.explanation import BindVerdict, Relation, SubjectKind
from homeport.model.identity import Sureness
from homeport.model.process import Certainty
from homeport.report.cells import behind_text, identity_text, process_text, project_text
from homeport.report.explain_port import address_lines, port_lines
from homeport.report.moments import closed, opened, short
from homeport.report.prose import commands, item, labelled, section, wrapped
from homeport.report.services_text import state_words
from homeport.report.style import Role, Style, printable
from homeport.report.table import Column, Painted, Section, heading, render
from homeport.report.words import ago, oldest_first
from homeport.wire.secrets import masked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from homeport.model.event import Tenancy
    from homeport.model.explanation import (
        BindAnswer,
        Client,
        Explanation,
        FoundListener,
        Lingering,
        OtherMention,
    )
    from homeport.model.home import Held
    from homeport.model.process import Process
    from homeport.model.sockets import Listener
    from homeport.report.table import Cell

_MOST_LISTENERS = 12
_MOST_CLIENTS = 10
_MOST_TENANCIES = 5
_MOST_COMMAND_LINES = 4


def explain_lines(explanation: Explanation, style: Style) -> list[str]:
    """The whole text. Lines are at most as wide as the style says, except commands to copy."""
    lines = [heading(title(explanation), style), ""]
    lines += wrapped(explanation.verdict, style)
    for name, body in _sections(explanation, style):
        lines += section(name, body, style)
    return lines


_NAMED = (SubjectKind.SERVICE, SubjectKind.PROCESS_NAME, SubjectKind.PROJECT)


def title(explanation: Explanation) -> str:
    """What is explained, as it was understood."""
    subject = explanation.subject
    target = subject.target
    if subject.pid is not None:
        return f"process {subject.pid}"
    if target is None:
        return f"{subject.symptom or subject.asked}"
    prefix = "udp " if target.transport is Transport.UDP else ""
    is_port = target.address is None and target.host is None and not target.wildcard
    text = f"{prefix}port {target.port}" if is_port else f"{prefix}{target}"
    if subject.kind in _NAMED:
        return f"{subject.asked}: {text}"
    return f"{text}: {subject.symptom}" if subject.symptom else text


def _sections(explanation: Explanation, style: Style) -> Iterator[tuple[str, list[str]]]:
    now_ns = explanation.taken_ns
    yield "Who listens", _listeners(explanation.listeners, now_ns, style)
    yield "The service", _service(explanation.held, now_ns, style)
    yield "The process", _process(explanation.process, now_ns, style)
    yield "Listeners", _candidates(explanation.candidates, now_ns, style)
    yield "Who is connected", _clients(explanation.clients, style)
    yield "Connections out", _clients(explanation.outgoing, style)
    yield "In TIME-WAIT", _lingering(explanation.lingering, now_ns, style)
    yield "Address", address_lines(explanation.addresses, style)
    yield "Port", [] if explanation.port is None else port_lines(explanation.port, style)
    yield "Free to bind?", _binding(explanation.binding, style)
    yield "Who had it before", _history(explanation.history, now_ns, style)
    yield "Also in the text", _others(explanation.others, style)
    yield "Good to know", [line for note in explanation.notes for line in item(note, style)]
    yield "What next", _next(explanation, style)
    yield "Not seen", _limits(explanation.limits, style)


def _listeners(found: Sequence[FoundListener], now_ns: int, style: Style) -> list[str]:
    lines: list[str] = []
    told: set[int] = set()
    for each in found[:_MOST_LISTENERS]:
        where = "" if each.relation is Relation.HERE else f" ({_relation(each)})"
        lines += item(f"{_listener(each.listener, now_ns)}{where}", style)
        lines += _speaks(each.listener, style)
        lines += _owner(each.listener.owners, told, style)
    if len(found) > _MOST_LISTENERS:
        lines += item(f"and {len(found) - _MOST_LISTENERS} more", style)
    return lines


def _service(held: Held | None, now_ns: int, style: Style) -> list[str]:
    """The service that Homeport runs on the port, or would run."""
    if held is None or held.service is None or held.project is None:
        return []
    service, project = held.service, held.project
    since = ago(service.changed_ns, now_ns)
    lines = item(f"{held.words}, {state_words(service)} ({since})", style)
    lines += labelled("from", f"{project.source} in {project.root}", style)
    lines += labelled("at", service.public_url or service.url or "", style)
    for name, text in (("reason", service.reason), ("check", service.advice)):
        lines += labelled(name, text, style) if text else []
    return lines


def _speaks(listener: Listener, style: Style) -> list[str]:
    """What it speaks, where it was asked, and what that rests on."""
    identity = listener.identity
    if identity is None:
        return []
    sure = "" if identity.certainty is Sureness.SURE else " (likely)"
    lines = labelled("speaks", f"{identity_text(identity)}{sure}", style)
    for each in identity.evidence:
        lines += labelled("  for ", each, style, most=_MOST_COMMAND_LINES)
    return lines


def _relation(found: FoundListener) -> str:
    return f"{found.relation} {found.namespace or ''}".strip()


def _listener(listener: Listener, now_ns: int) -> str:
    """A listener in one line: `127.0.0.1:5432, postgres 812 of user postgres, for 3 h`."""
    prefix = "udp " if listener.endpoint.transport is Transport.UDP else ""
    words = [f"{prefix}{listener.endpoint}"]
    owners = oldest_first(listener.owners)
    if owners:
        words += _owner_words(owners, now_ns)
    else:
        words.append(_nobody(listener))
    if listener.behind is not None:
        words.append(f"{listener.behind.kind} for {behind_text(listener.behind)}")
    if listener.v6only and listener.endpoint.address == "::":
        words.append("IPv6 only")
    if listener.queue and listener.room is not None:
        words.append(f"{listener.queue} waiting to be accepted (room for {listener.room})")
    return ", ".join(words)


def _nobody(listener: Listener) -> str:
    if listener.certainty is Certainty.UNOWNED:
        return "held by no process"
    user = f" ({listener.user})" if listener.user else ""
    return f"owner {listener.certainty}{user}"


def _owner_words(owners: list[Process], now_ns: int) -> list[str]:
    first = owners[0]
    more = f" +{len(owners) - 1}" if len(owners) > 1 else ""
    user = f" of user {first.user}" if first.user else ""
    words = [f"{process_text(first)}{more}{user}"]
    since = ago(first.started_ns, now_ns)
    if since:
        words.append("just started" if since == "now" else f"for {since}")
    return words


def _owner(owners: tuple[Process, ...], told: set[int], style: Style) -> list[str]:
    """What the first holder runs, where, and why; once for each process."""
    for first in oldest_first(owners)[:1]:
        if first.pid not in told:
            told.add(first.pid)
            return _process_details(first, style)
    return []


def _process_details(process: Process, style: Style) -> list[str]:
    lines: list[str] = []
    if process.argv:
        argv = masked_words(process.argv)
        lines += labelled("runs ", " ".join(argv), style, most=_MOST_COMMAND_LINES)
    if process.cwd:
        lines += labelled("in   ", process.cwd, style)
    if process.project:
        project = process.project
        lines += labelled("for  ", f"project {project_text(project)} at {project.root}", style)
    belongs = [process.unit or ""]
    if process.container:
        belongs.append(f"{process.container.runtime} container {process.container.id[:12]}")
    if any(belongs):
        lines += labelled("under", ", ".join(filter(None, belongs)), style)
    return lines + _ancestry(process, style)


def _ancestry(process: Process, style: Style) -> list[str]:
    """Why it runs: every process from the first one down to this."""
    if not process.ancestry:
        return []
    chain = [f"{each.name} {each.pid}" for each in reversed(process.ancestry)]
    text = f" {style.arrow} ".join([*chain, process_text(process)])
    told = wrapped(text, style, first="    why   ", rest=" " * 10)
    return [style.paint(line, Role.FAINT) for line in told]


def _process(process: Process | None, now_ns: int, style: Style) -> list[str]:
    if process is None:
        return []
    words = ", ".join(_owner_words([process], now_ns))
    return [*item(words, style), *_process_details(process, style)]


def _candidates(candidates: Sequence[Listener], now_ns: int, style: Style) -> list[str]:
    shown = candidates[:_MOST_LISTENERS]
    lines = [line for each in shown for line in item(_candidate(each, now_ns), style)]
    if len(candidates) > _MOST_LISTENERS:
        lines += item(f"and {len(candidates) - _MOST_LISTENERS} more", style)
    return lines


def _candidate(listener: Listener, now_ns: int) -> str:
    projects = [project_text(each.project) for each in listener.owners if each.project]
    project = f", project {projects[0]}" if projects else ""
    return f"{_listener(listener, now_ns)}{project}"


def _clients(clients: Sequence[Client], style: Style) -> list[str]:
    """The far ends, counted: those on this machine by process, others by address."""
    counted: dict[str, int] = {}
    for each in clients:
        name = _far_end(each)
        counted[name] = counted.get(name, 0) + 1
    ordered = sorted(counted.items(), key=lambda pair: -pair[1])
    lines = [
        line
        for name, count in ordered[:_MOST_CLIENTS]
        for line in item(name if count == 1 else f"{name}, {count} connections", style)
    ]
    if len(ordered) > _MOST_CLIENTS:
        lines += item(f"and {len(ordered) - _MOST_CLIENTS} more", style)
    return lines


def _far_end(client: Client) -> str:
    connection = client.connection
    state = "" if connection.state == 1 else f" ({connection.state.label})"
    if client.processes:
        first = oldest_first(client.processes)[0]
        project = f", project {project_text(first.project)}" if first.project else ""
        return f"{process_text(first)}{project}{state}"
    return f"{connection.remote_address}{state}"


def _lingering(waiting: Sequence[Lingering], now_ns: int, style: Style) -> list[str]:
    if not waiting:
        return []
    count = "one connection" if len(waiting) == 1 else f"{len(waiting)} connections"
    last = waiting[-1].until_ns
    until = ""
    if last is not None:
        left = max(0, last - now_ns) // 1_000_000_000
        until = f", until {short(last, now_ns)} ({left} s from now)"
    return item(f"{count}{until}: closed, remembered so that late packets harm nobody", style)


_VERDICT_ROLES = {BindVerdict.FREE: Role.GOOD, BindVerdict.TAKEN: Role.BAD}
_BIND_COLUMNS = (
    Column("  ADDRESS", 9, 0),
    Column("PLAIN", 5, 0),
    Column("REUSEADDR", 5, 0),
    Column("REUSEPORT", 5, 1),
)


def _binding(answers: Sequence[BindAnswer], style: Style) -> list[str]:
    if not answers:
        return []
    rows: list[list[Cell]] = [
        [f"  {each.address}", *map(_verdict, (each.plain, each.reuse_address, each.reuse_port))]
        for each in answers
    ]
    lines = render(_BIND_COLUMNS, [Section("", rows)], style)
    for remark in dict.fromkeys(_remarks(answers)):
        lines += item(remark, style)
    return lines


def _verdict(verdict: BindVerdict) -> Cell:
    return Painted(verdict.value, _VERDICT_ROLES.get(verdict, Role.CARE))


def _remarks(answers: Iterable[BindAnswer]) -> Iterator[str]:
    for answer in answers:
        if answer.why:
            yield f"{answer.why}."
        if answer.unless:
            yield f"{answer.unless}."


def _history(history: Sequence[Tenancy] | None, now_ns: int, style: Style) -> list[str]:
    """The tenancies that are over; who has it now stands above."""
    over = [each for each in history or () if each.closed_ns is not None]
    return [line for each in over[:_MOST_TENANCIES] for line in item(_tenancy(each, now_ns), style)]


def _tenancy(tenancy: Tenancy, now_ns: int) -> str:
    who = f"{tenancy.name or 'unknown'} {tenancy.pid or ''}".strip()
    project = f", project {tenancy.project}" if tenancy.project else ""
    span = f"{opened(tenancy, now_ns)} to {closed(tenancy, now_ns)}"
    return f"{tenancy.endpoint}, {who}{project}: {span}"


def _others(others: Sequence[OtherMention], style: Style) -> list[str]:
    return [line for each in others for line in item(f"{each.target}: {each.verdict}", style)]


def _next(explanation: Explanation, style: Style) -> list[str]:
    return commands([(each.command, each.purpose) for each in explanation.next_steps], style)


def _limits(limits: Sequence[str], style: Style) -> list[str]:
    lines = [line for limit in limits for line in item(printable(limit), style)]
    return [style.paint(line, Role.FAINT) for line in lines]
