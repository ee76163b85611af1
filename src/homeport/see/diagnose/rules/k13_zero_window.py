"""K13: one side of a connection does not read, and the other waits to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.model.sockets import Connection
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    later = {_ends(each): each for each in case.later or ()}
    for mine in case.of_client:
        now = later.get(_ends(mine))
        if now is None or not mine.send_queue or now.send_queue < mine.send_queue:
            continue
        near, far = _ends(mine)
        other = later.get((far, near))
        unread = 0 if other is None else other.receive_queue
        if other is not None and not unread:
            continue
        told = "the other end is not seen"
        if other is not None:
            told = f"at the server {unread} bytes wait to be read, and nobody reads them"
        return Verdict(
            (
                (
                    f"process {case.client.pid} has sent {now.send_queue} bytes over {mine.local} "
                    f"to {mine.remote} that are not taken, and they did not move meanwhile"
                ),
                told,
            ),
            "see why the server does not read (py-spy dump, strace -f -p PID); a client needs a "
            "timeout for sending",
            Sureness.LIKELY if other is None else Sureness.SURE,
        )
    return None


def _ends(connection: Connection) -> tuple[tuple[str, int], tuple[str, int]]:
    return (
        (connection.local_address, connection.local_port),
        (connection.remote_address, connection.remote_port),
    )


RULE = Rule(
    id="K13",
    title="a connection stands still: its other end does not read",
    layer=Layer.TCP,
    symptom="a client or a server that hangs in send(), while new connections work",
    looks_for="bytes that do not move in the send queue of the client's connection (--as PID)",
    fix="read what is sent, or close; let the sender have a timeout",
    judge=_judge,
)
