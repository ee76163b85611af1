"""L4: the port is taken by another program than the one that is meant to have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rivals import are_strangers, came_later, serves
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, quoted
from homeport.wire.secrets import masked_words

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is None or not case.served_by:
        return None
    owners = [owner for each in case.served_by for owner in each.owners]
    if not owners or any(each.behind is not None for each in case.served_by):
        return None
    elsewhere = {
        owner.pid
        for each in case.snapshot.listeners
        if each.endpoint.port == case.port
        for owner in each.owners
    }
    rivals = [
        each
        for each in case.naming
        if each.pid not in elsewhere
        and serves(each, case.port)
        and came_later(each, owners)
        and are_strangers(each, owners)
    ]
    if not rivals:
        return None
    rival = rivals[0]
    return Verdict(
        (
            f"the listener is held by {process_words(owners[0])}, {_place(owners[0])}",
            (
                f"{process_words(rival)}, {_place(rival)}, names port {case.port} on its command "
                f"line, and does not listen: {quoted(' '.join(masked_words(rival.argv or ())))}"
            ),
        ),
        f"end the one in the way (homeport kill {case.port}) and restart the other; or give one "
        "of them another port",
        Sureness.LIKELY,
        tell_apart=f"look for EADDRINUSE in the log of pid {rival.pid}",
    )


def _place(process: Process) -> str:
    if process.project is not None:
        return f"of project {process.project.name} ({process.project.root})"
    return f"in {process.cwd or 'an unknown directory'}"


RULE = Rule(
    id="L4",
    title="another program answers than the one that should listen there",
    layer=Layer.OWNER,
    symptom="an answer of the wrong application; the right one says EADDRINUSE in its log",
    looks_for="a process that names the port and does not listen, and another project that does",
    fix="end the other, or change the port",
    judge=_judge,
)
