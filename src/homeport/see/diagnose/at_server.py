"""Where our connection stands at the server, and what the server does meanwhile.

The kernel completes connections on its own and queues them until the process accepts one; so a
client is connected though nobody has noticed. What the server's end looks like tells the rest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from homeport.model.sockets import TcpState
from homeport.see.diagnose.case import Outcome
from homeport.see.explain.names import listed, who

if TYPE_CHECKING:
    from homeport.host.pulse import ProcessPulse
    from homeport.host.threads import ThreadWait
    from homeport.model.process import Process
    from homeport.model.sockets import Connection, Listener
    from homeport.see.diagnose.case import Case

NO_HANDSHAKE = "the other side does not answer the TLS handshake"
_BUSY = 0.5
_MOST_TOLD = 4


class Stage(StrEnum):
    """How far the server has come with our connection."""

    QUEUED = "waits to be accepted"
    UNREAD = "is accepted, and what we sent is not read"
    READ = "is accepted, and what we sent is read"


def stage(case: Case) -> Stage | None:
    """How far our connection came; None where its other end cannot be seen."""
    ours = case.ours
    if ours is None:
        return None
    if not ours.inode:
        return Stage.QUEUED if ours.state is TcpState.ESTABLISHED else None
    return Stage.UNREAD if ours.receive_queue else Stage.READ


def our_end(case: Case) -> Connection | None:
    """Our own end of the connection, before we hung up."""
    return next(
        (
            each
            for each in case.connections
            if each.remote_port == case.port
            and any(owner.pid == case.client.looker for owner in each.owners)
        ),
        None,
    )


def unsent(case: Case) -> int:
    """How many bytes of ours the server's kernel has not acknowledged."""
    end = our_end(case)
    return 0 if end is None else end.send_queue


def stalled(case: Case) -> bool:
    """Whether a connection came about, and then nothing at all."""
    if case.connected is None:
        return False
    return case.talk is None or case.silent or case.talk.heard.why == NO_HANDSHAKE


def queue_is_full(case: Case) -> bool:
    """Whether the connection did not come about because more wait than may."""
    queues = listeners_now(case)
    full = any(each.backlog is not None and each.queue > each.backlog for each in queues)
    return case.connected is None and bool(case.outcomes(Outcome.TIMED_OUT)) and full


def unaccepted(case: Case) -> bool:
    """Whether the kernel did its part, and the process has not accepted the connection."""
    if queue_is_full(case):
        return True
    if not stalled(case):
        return False
    found = stage(case)
    return found is Stage.QUEUED or (found is None and any(q.queue for q in listeners_now(case)))


def listeners_now(case: Case) -> tuple[Listener, ...]:
    """Those that may get the connection, as they were at the end."""
    inodes = {each.inode for each in case.served_by}
    return tuple(each for each in (case.after or case.snapshot).listeners if each.inode in inodes)


def responsible(case: Case) -> tuple[ProcessPulse, ...]:
    """The processes that our connection depends on: who has it, else who may accept it.

    Of several listeners that share the port only those on whose queue something waits. Empty where
    one of them is hidden from this user, or has ended.
    """
    ours = case.ours
    if ours is not None and ours.inode:
        owners = ours.owners
    else:
        waiting = [each for each in listeners_now(case) if each.queue]
        owners = tuple(owner for each in waiting or case.served_by for owner in each.owners)
    pids = {owner.pid for owner in owners}
    found = tuple(each for each in case.pulses if each.pid in pids)
    return found if len(found) == len(pids) else ()


def busy(case: Case, pulse: ProcessPulse) -> float:
    """The share of a processor that a process used, or was ready to use, while we waited."""
    before = next((each for each in case.before_pulses if each.pid == pulse.pid), None)
    return 0.0 if before is None else pulse.ready_since(before)


def is_computing(case: Case, pulse: ProcessPulse) -> bool:
    """Whether it computes rather than waits, or would if it got a processor."""
    return busy(case, pulse) >= _BUSY


def explained_by_state(case: Case) -> bool:
    """Whether what its processes are doing is reason enough, so that no further one is needed."""
    found = responsible(case)
    wanted = {each.pid for each in workers(case)}
    working = [each for each in found if each.pid in wanted] or list(found)
    if not working:
        return False
    return all(
        each.stopped
        or each.frozen
        or each.state == "D"
        or is_computing(case, each)
        or (each.spare == 0 and unaccepted(case))
        for each in working
    )


def others(case: Case) -> tuple[Connection, ...]:
    """The connections to the service that processes hold, but for ours."""
    ours = case.ours
    pids = {owner.pid for each in case.served_by for owner in each.owners}
    return tuple(
        each
        for each in case.connections
        if each.local_port == case.port
        and each.inode
        and each.state in (TcpState.ESTABLISHED, TcpState.CLOSE_WAIT)
        and (ours is None or each.inode != ours.inode)
        and any(owner.pid in pids for owner in each.owners)
    )


def workers(case: Case) -> tuple[Process, ...]:
    """Of those that hold the listener, those that are not the parent of others that do."""
    owners = {owner.pid: owner for each in case.served_by for owner in each.owners}
    parents = {step.pid for each in owners.values() for step in (each.ancestry or ())[:1]}
    return tuple(each for pid, each in owners.items() if pid not in parents) or (*owners.values(),)


def told_queue(case: Case) -> tuple[str, ...]:
    """How many connections wait to be accepted, and of how many that may."""
    return tuple(
        f"{each.queue} of {each.backlog} connections wait on {each.endpoint} to be accepted"
        for each in listeners_now(case)
        if each.queue and each.backlog is not None
    )


def told_stage(case: Case) -> tuple[str, ...]:
    """What became of our connection, and how long that lasted."""
    found = stage(case)
    after_ms = 0 if case.talk is None else case.talk.heard.elapsed_ms
    waited = f"connected, and not a byte came for {after_ms} ms" if after_ms else "no byte came"
    told = () if found is None else (f"at the server our connection {found}",)
    return (waited, *told) if case.connected is not None else ()


def peer_words(case: Case, connection: Connection) -> str:
    """Whose connection it is that the server holds, by its other end."""
    wanted = (connection.remote_address, connection.remote_port)
    for each in case.connections:
        if (each.local_address, each.local_port) == wanted and each.owners:
            return f"{who(each)} ({each.local})"
    return str(connection.remote)


def told_waits(case: Case) -> tuple[str, ...]:
    """In what the responsible processes wait, as far as it says something."""
    pids = {each.pid for each in responsible(case)}
    found = [each for each in case.waits if each.pid in pids and not each.is_loop]
    words = [wait_words(case, each) for each in found]
    if not words:
        return ()
    return (f"it waits: {listed(words, _MOST_TOLD)}",)


_CALLS = {
    "futex": "for a lock (futex)",
    "clock_nanosleep": "for time to pass (a sleep)",
    "nanosleep": "for time to pass (a sleep)",
    "hrtimer_nanosleep": "for time to pass (a sleep)",
    "wait4": "for a child to end",
    "waitid": "for a child to end",
    "flock": "for a lock of a file",
    "fcntl": "for a lock of a file",
}


def wait_words(case: Case, wait: ThreadWait) -> str:
    """One thread, and what it waits for."""
    told = _CALLS.get(wait.call, f"in {wait.call}")
    if wait.inode is not None:
        told = f"in {wait.call} on {_socket_words(case, wait.inode)}"
    elif wait.file is not None:
        told = f"{told} of {wait.file}" if wait.call in _CALLS else f"{told} on {wait.file}"
    return f"thread {wait.thread} {told}"


def _socket_words(case: Case, inode: int) -> str:
    found = next((each for each in case.connections if each.inode == inode), None)
    if found is None:
        return f"socket {inode}"
    if found.local_port == case.port:
        return f"the connection of {peer_words(case, found)}"
    return f"its connection to {peer_words(case, found)}"


def told_outgoing(case: Case) -> tuple[str, ...]:
    """Whom the responsible processes are connected to themselves, and may wait for."""
    pids = {each.pid for each in responsible(case)}
    found = [
        each
        for each in case.connections
        if each.state in (TcpState.ESTABLISHED, TcpState.SYN_SENT)
        and each.local_port != case.port
        and any(owner.pid in pids for owner in each.owners)
    ]
    if not found:
        return ()
    words = [f"{each.remote} ({each.state.label})" for each in found]
    return (f"it has connections of its own to {listed(words, _MOST_TOLD)}",)
