"""Ends the processes that hold a listener, and never one that is connected to it.

The plan is a pure function of what was seen. Each process then goes through the states of
`TABLE`; `carry_out` is the small loop that turns their actions into signals.
"""

from __future__ import annotations

from contextlib import ExitStack
from enum import StrEnum

from homeport.host import signals
from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.host.kernel import user_id
from homeport.model.ending import Outcome, Plan, Stage
from homeport.model.errors import HomeportError, NotFound, NotPermitted, NotSupported
from homeport.model.home import quoted
from homeport.model.process import Certainty
from homeport.model.sockets import BehindKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from homeport.model.process import Process
    from homeport.model.sockets import Behind, Listener


class Happening(StrEnum):
    """What happens to a process that is to end."""

    TURN = "turn"
    EXITED = "exited"
    TIME_UP = "time up"
    FORBIDDEN = "forbidden"


class Action(StrEnum):
    """What is done to it."""

    NOTHING = "nothing"
    TERM = "TERM"
    KILL = "KILL"


_MOST_TOLD = 4

TABLE = {
    (Stage.WAITING, Happening.EXITED): (Stage.ENDED, Action.NOTHING),
    (Stage.WAITING, Happening.TURN): (Stage.ASKED, Action.TERM),
    (Stage.ASKED, Happening.EXITED): (Stage.ENDED, Action.NOTHING),
    (Stage.ASKED, Happening.FORBIDDEN): (Stage.REFUSED, Action.NOTHING),
    (Stage.ASKED, Happening.TIME_UP): (Stage.FORCED, Action.KILL),
    (Stage.FORCED, Happening.EXITED): (Stage.KILLED, Action.NOTHING),
    (Stage.FORCED, Happening.FORBIDDEN): (Stage.REFUSED, Action.NOTHING),
    (Stage.FORCED, Happening.TIME_UP): (Stage.SURVIVED, Action.NOTHING),
}
"""What follows from each state and happening: the next state, and what is done."""

SUPERVISORS = frozenset(
    (
        "air",
        "cargo-watch",
        "chokidar",
        "containerd-shim",
        "entr",
        "forego",
        "foreman",
        "god",
        "hivemind",
        "honcho",
        "monit",
        "nodemon",
        "overmind",
        "pm2",
        "reflex",
        "runsv",
        "s6-supervise",
        "supervise",
        "supervisord",
        "watchexec",
        "watchmedo",
    )
)
"""Programs whose work is to start another one again."""


def plan(
    asked: str,
    listeners: Sequence[Listener],
    *,
    own_line: Collection[int],
    only: int | None = None,
    everything: Iterable[Listener] = (),
) -> Plan:
    """Which processes have to end so that the listeners close; raises where none may or can.

    `own_line` are the pids of the one who asks and of everything that it runs in. With `only`,
    no process but that one and its descendants is ended. What of `everything` that listens
    closes along with it is noted.
    """
    for listener in listeners:
        _refuse_unknown(listener)
    owners = _distinct(owner for listener in listeners for owner in listener.owners)
    meant = [owner for owner in owners if only is None or only in _line_of(owner)]
    for owner in meant:
        _refuse_forbidden(owner, own_line)
    _refuse_several(listeners, only)
    first = _masters(meant)
    return Plan(
        asked=asked,
        listeners=tuple(listeners),
        first=tuple(first),
        then=tuple(owner for owner in meant if owner not in first),
        staying=tuple(owner for owner in owners if owner not in meant),
        notes=(
            *_closed_too(meant, listeners, everything),
            *_supervised(listeners),
            *_notes(meant),
        ),
    )


def _distinct(owners: Iterable[Process]) -> list[Process]:
    """Each process once, the oldest first."""
    by_pid = {owner.pid: owner for owner in owners}
    return sorted(by_pid.values(), key=lambda owner: (owner.start_ticks, owner.pid))


def _line_of(process: Process) -> set[int]:
    """The pids of a process and of its ancestors."""
    return {process.pid, *(ancestor.pid for ancestor in process.ancestry or ())}


def _masters(owners: Sequence[Process]) -> list[Process]:
    """Those that descend from no other one."""
    pids = {owner.pid for owner in owners}
    return [owner for owner in owners if not (_line_of(owner) - {owner.pid}) & pids]


def _refuse_unknown(listener: Listener) -> None:
    """Only a holder that was seen may be ended."""
    where = f"{listener.endpoint.transport} {listener.endpoint}"
    if listener.behind is not None:
        raise _served_behind(where, listener.behind)
    if listener.certainty is Certainty.UNOWNED:
        raise NotFound(
            f"no process holds {where}",
            why="the socket is one of the kernel's own, or a descriptor on its way to a process",
        )
    if listener.certainty in {Certainty.HIDDEN, Certainty.INFERRED} or not listener.owners:
        is_root = user_id() == 0
        whom = "even from root" if is_root else "from this user"
        raise NotPermitted(
            f"{where} belongs to {listener.user or f'uid {listener.uid}'}",
            why=f"which process holds it is hidden {whom}",
            next_step=None if is_root else "the same command with sudo",
        )


def _served_behind(where: str, behind: Behind) -> HomeportError:
    if behind.kind is BehindKind.DOCKER_PROXY:
        name = behind.container.id[:12] if behind.container else "CONTAINER"
        runtime = behind.container.runtime if behind.container else "docker"
        return NotSupported(
            f"{where} is held for a container",
            why="the proxy would be ended, and the container would run on",
            next_step=f"{runtime} stop {name}",
        )
    unit = behind.unit or "UNIT"
    socket = unit.removesuffix(".service").removesuffix(".socket") + ".socket"
    return NotSupported(
        f"{where} is held by the service manager for {unit}",
        why="the service would be started again at the next connection",
        next_step=f"systemctl stop {socket} {unit}" if unit != socket else f"systemctl stop {unit}",
    )


def _refuse_forbidden(owner: Process, own_line: Collection[int]) -> None:
    if owner.pid == 1:
        raise NotPermitted(
            "process 1 is never ended: everything else would end with it",
            next_step="stop the unit that the socket belongs to: systemctl list-sockets",
        )
    if owner.pid in own_line:
        raise NotPermitted(
            f"{owner.name} {owner.pid} is never ended from here: this command runs within it",
            next_step="run the command in another terminal",
        )


def _refuse_several(listeners: Sequence[Listener], only: int | None) -> None:
    """Different programs on different addresses: which one is meant has to be said."""
    if only is not None:
        return
    masters = {str(each.endpoint): [m.pid for m in _masters(each.owners)] for each in listeners}
    if len({tuple(sorted(pids)) for pids in masters.values()}) > 1:
        raise NotSupported(
            "several programs listen there: " + ", ".join(_who(each) for each in listeners),
            next_step="name one of these addresses with its port, or pid:NUMBER",
        )


def _who(listener: Listener) -> str:
    first = _distinct(listener.owners)[0]
    return f"{listener.endpoint} ({first.name} {first.pid})"


def _closed_too(
    ended: Sequence[Process], planned: Sequence[Listener], everything: Iterable[Listener]
) -> list[str]:
    """What else nobody holds any more once these have ended."""
    pids = {owner.pid for owner in ended}
    closed = [
        f"{each.endpoint.transport} {each.endpoint}"
        for each in everything
        if each not in planned and each.owners and {owner.pid for owner in each.owners} <= pids
    ]
    more = f" and {len(closed) - _MOST_TOLD} more" if len(closed) > _MOST_TOLD else ""
    return [f"this closes, too: {', '.join(closed[:_MOST_TOLD])}{more}"] if closed else []


def _supervised(listeners: Iterable[Listener]) -> list[str]:
    """Services that their own supervisor would start again."""
    notes: dict[str, None] = {}
    for listener in listeners:
        held = listener.held
        if held is not None and held.service is not None and held.project is not None:
            runs = f"homeport up (pid {held.project.pid}) runs it as {held.words}"
            stop = f"homeport stop -C {quoted(held.project.root)} {held.service.name}"
            notes[f"{runs} and may start it again: {stop}"] = None
    return list(notes)


def _notes(owners: Iterable[Process]) -> list[str]:
    notes: dict[str, None] = {}
    for owner in owners:
        if owner.unit and owner.unit.endswith(".service") and not owner.unit.startswith("user@"):
            manager = "systemctl" if owner.uid == 0 else "systemctl (or systemctl --user)"
            notes[f"{owner.unit} may start it again: {manager} stop {owner.unit}"] = None
        if owner.container is not None:
            name = f"{owner.container.runtime} {owner.container.id[:12]}"
            stop = f"{owner.container.runtime} stop {owner.container.id[:12]}"
            notes[f"it runs in the container {name}, which may start it again: {stop}"] = None
        for ancestor in owner.ancestry or ():
            if _supervises(ancestor.name, ancestor.argv):
                notes[f"{ancestor.name} {ancestor.pid} may start it again"] = None
    return list(notes)


def _supervises(name: str, argv: tuple[str, ...]) -> bool:
    # An interpreter's name says nothing: `node /usr/bin/nodemon app.js`.
    words = {name, *(word.rpartition("/")[2].partition(".")[0] for word in argv[:2])}
    return not words.isdisjoint(SUPERVISORS)


def carry_out(
    planned: Plan,
    *,
    timeout_ms: int,
    look: Callable[[], Iterable[Listener]] | None = None,
    clock: Clock | None = None,
) -> list[Outcome]:
    """Ends what was planned: TERM, then KILL for what is left after `timeout_ms`.

    The first ones have to end before the others are asked. `look` gives the listeners of now, once
    the processes are held on to: a person may have thought for an hour. Returns after at most four
    times `timeout_ms`. Raises `NotSupported` where a process cannot be held on to, and `NotFound`,
    nothing being ended, where one of them lives and holds none of the sockets any more.
    """
    clock = clock or Clock()
    with ExitStack() as held:
        first = [_Candidate(each, held) for each in planned.first]
        then = [_Candidate(each, held) for each in planned.then]
        if look is not None:
            _refuse_changed(planned, look(), [*first, *then], clock)
        _end(first, timeout_ms * MILLISECOND_NS, clock)
        if all(each.stage in {Stage.ENDED, Stage.KILLED} for each in first):
            _end(then, timeout_ms * MILLISECOND_NS, clock)
        return [Outcome(each.process, each.stage) for each in (*first, *then)]


class _Candidate:
    """A process on its way through the table."""

    def __init__(self, process: Process, held: ExitStack) -> None:
        self.process = process
        self.stage = Stage.WAITING
        pinned = signals.pin(process.identity)
        self.pinned = held.enter_context(pinned) if pinned else None
        if pinned is None:
            self.meets(Happening.EXITED)

    def meets(self, happening: Happening) -> None:
        """Goes on to the next state, and does what that asks for."""
        self.stage, action = TABLE[self.stage, happening]
        if self.pinned is None or action is Action.NOTHING:
            return
        try:
            self.pinned.send(signals.TERM if action is Action.TERM else signals.KILL)
        except NotPermitted:
            self.meets(Happening.FORBIDDEN)


def _refuse_changed(
    planned: Plan, now: Iterable[Listener], candidates: list[_Candidate], clock: Clock
) -> None:
    sockets = {(each.netns, each.inode) for each in planned.listeners}
    meant = [each for each in now if (each.netns, each.inode) in sockets]
    holding = {owner.identity for each in meant for owner in each.owners}
    _let_go(candidates, 0, clock)
    for each in _running(candidates):
        if each.process.identity not in holding:
            raise NotFound(
                f"{each.process.name} {each.process.pid} does not listen there any more",
                why="that changed after it was shown; nothing was ended",
                next_step=f"homeport kill {planned.asked}",
            )


def _end(wave: list[_Candidate], timeout_ns: int, clock: Clock) -> None:
    _let_go(wave, 0, clock)
    for happening in (Happening.TURN, Happening.TIME_UP):
        for each in _running(wave):
            each.meets(happening)
        _let_go(wave, timeout_ns, clock)
    for each in _running(wave):
        each.meets(Happening.TIME_UP)


def _running(wave: list[_Candidate]) -> list[_Candidate]:
    return [each for each in wave if each.stage in {Stage.WAITING, Stage.ASKED, Stage.FORCED}]


def _let_go(wave: list[_Candidate], timeout_ns: int, clock: Clock) -> None:
    """Waits until all have ended or the time is up."""
    deadline_ns = clock.monotonic_ns() + timeout_ns
    while waiting := {each.pinned: each for each in _running(wave) if each.pinned}:
        left_ns = max(0, deadline_ns - clock.monotonic_ns())
        ended = clock.wait(waiting, left_ns)
        for each in waiting.values():
            if each.pinned in ended:
                each.meets(Happening.EXITED)
        if not ended and not left_ns:
            return
