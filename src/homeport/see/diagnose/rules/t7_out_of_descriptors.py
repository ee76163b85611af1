"""T7: the server has no descriptor left for another connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.model.sockets import TcpState
from homeport.see.diagnose.at_server import others, told_queue, unaccepted, workers
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if not (unaccepted(case) or case.ended_without_a_byte):
        return None
    wanted = {each.pid for each in workers(case)}
    found = [each for each in case.pulses if each.pid in wanted]
    # Who closes what comes keeps one descriptor in reserve for that.
    spare = 0 if unaccepted(case) else 1
    full = [each for each in found if each.spare is not None and each.spare <= spare]
    if not full or len(full) < len(found) or any(each.stopped for each in found):
        return None
    held = [each for each in others(case) if each.state is TcpState.CLOSE_WAIT]
    leak = (
        (f"{len(held)} of them are connections that the client has closed (CLOSE-WAIT)",)
        if held
        else ()
    )
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_queue(case),
            *(pulse_words(case, each) for each in full),
            *leak,
            f"{len(others(case))} connections to port {case.port} are open",
        ),
        f"see what is open: ls -l /proc/{full[0].pid}/fd; raise the limit: prlimit --nofile=65536 "
        f"--pid {full[0].pid}, LimitNOFILE= in its unit",
        Sureness.SURE if unaccepted(case) else Sureness.LIKELY,
        tell_apart="does its log say “Too many open files”?",
    )


RULE = Rule(
    id="T7",
    title="the server has used up its file descriptors",
    layer=Layer.OWNER,
    symptom="connected, and then nothing; or the connection is closed at once",
    looks_for="as many descriptors as RLIMIT_NOFILE allows, and connections that wait",
    fix="raise LimitNOFILE (ulimit -n), find what is left open",
    judge=_judge,
    needs_root="to count the descriptors of a process of another user",
)
