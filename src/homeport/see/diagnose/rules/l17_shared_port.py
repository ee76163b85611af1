"""L17: two programs share the port by SO_REUSEPORT, and each gets a part."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.see.explain.names import who
from homeport.wire.secrets import masked_words

if TYPE_CHECKING:
    from homeport.model.process import Ancestor, Process
    from homeport.model.sockets import Listener
    from homeport.see.diagnose.case import Case


_TOGETHER_NS = 60_000_000_000


def _judge(case: Case) -> Verdict | None:
    served = [each for each in case.served_by if each.owners]
    for one, other in itertools.combinations(served, 2):
        if one.endpoint != other.endpoint or _are_family(one, other):
            continue
        older, newer = sorted((one, other), key=lambda each: each.owners[0].start_ticks)
        same = older.owners[0].argv == newer.owners[0].argv
        return Verdict(
            (
                (
                    f"{len(served)} sockets listen on {one.endpoint} (SO_REUSEPORT), and the "
                    "kernel gives each a part of the connections"
                ),
                f"the older one: {_words(older)}",
                f"the newer one: {_words(newer)}",
            ),
            f"stop the one that is not wanted, perhaps the older: kill {older.owners[0].pid}",
            Sureness.LIKELY if same else Sureness.SURE,
            tell_apart="stop one of them, and see whether the answers still change",
        )
    return None


def _words(listener: Listener) -> str:
    owner = listener.owners[0]
    command = " ".join(masked_words(owner.argv or ()))
    return f"{who(listener)}, {quoted(command)}, in {owner.cwd or 'an unknown directory'}"


def _are_family(one: Listener, other: Listener) -> bool:
    """Whether they are workers of one server: one process, one tree, or started as copies."""
    mine, theirs = one.owners[0], other.owners[0]
    if {each.pid for each in one.owners} & {each.pid for each in other.owners}:
        return True
    if mine.pid in _above(theirs) or theirs.pid in _above(mine):
        return True
    if mine.container != theirs.container or mine.unit != theirs.unit:
        return False
    parents = [step for step in (mine.ancestry or ())[:1] if step in (theirs.ancestry or ())[:1]]
    alike = mine.exe == theirs.exe and mine.argv == theirs.argv and mine.cwd == theirs.cwd
    forked = any(_is_program(step, mine) and _is_program(step, theirs) for step in parents)
    copies = alike and abs((mine.started_ns or 0) - (theirs.started_ns or 0)) < _TOGETHER_NS
    return bool(parents) and (forked or copies)


def _above(process: Process) -> set[int]:
    return {step.pid for step in process.ancestry or ()}


def _is_program(step: Ancestor, process: Process) -> bool:
    """Whether a parent is of the same program: workers have its arguments, or at least its name."""
    argv = process.argv or ()
    if step.argv and argv and step.argv == argv:
        return True
    return step.name == process.name and step.name not in _RUNTIMES


_RUNTIMES = ("python", "python3", "node", "ruby", "java", "php", "bash", "sh", "zsh", "pytest")


RULE = Rule(
    id="L17",
    title="two servers share the port, and each gets a part of the connections",
    layer=Layer.LISTENER,
    symptom="answers that change from one request to the next",
    looks_for="two listeners of one address and port whose processes are of different programs",
    fix="stop the one that is not wanted",
    judge=_judge,
)
