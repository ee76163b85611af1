"""C7: the client itself may open no more files, and a socket is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    who = case.client
    if who.own or who.descriptors is None or who.descriptor_limit is None:
        return None
    if who.descriptors < who.descriptor_limit:
        return None
    return Verdict(
        (
            (
                f"the client (pid {who.pid}) has {who.descriptors} descriptors of the "
                f"{who.descriptor_limit} that it may have: its next socket fails with EMFILE"
            ),
        ),
        f"ls -l /proc/{who.pid}/fd shows what it keeps open; close what leaks, or raise the limit: "
        f"prlimit --pid {who.pid} --nofile=65536",
    )


RULE = Rule(
    id="C7",
    title="the client may open no more descriptors",
    layer=Layer.ENVIRONMENT,
    symptom="EMFILE (too many open files) in the client",
    looks_for="as many entries in /proc/CLIENT/fd as its limit allows; with --as PID",
    fix="close what leaks, or raise the limit",
    judge=_judge,
    needs_root="for a client of another user",
)
