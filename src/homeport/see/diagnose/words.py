"""What the sentences of a diagnosis call things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.explain.names import who

if TYPE_CHECKING:
    from homeport.host.pulse import ProcessPulse
    from homeport.model.process import Process
    from homeport.model.sockets import Listener
    from homeport.see.diagnose.case import Case

_STATES = {
    "R": "running",
    "S": "sleeping",
    "D": "waiting for a disk or a device",
    "T": "stopped",
    "t": "stopped by a debugger",
    "Z": "ended, and not yet noticed by its parent",
    "I": "idle",
}
_BUSY = 0.05


def listener_words(listener: Listener) -> str:
    """A listener and who holds it: `127.0.0.1:8000, held by python3 (pid 812)`."""
    return f"{listener.endpoint}, held by {who(listener)}"


def process_words(process: Process) -> str:
    """A process by name and pid."""
    return f"{process.name or 'a process'} (pid {process.pid})"


def pulse_words(case: Case, pulse: ProcessPulse) -> str:
    """What a process is doing: its state, its share of a processor, its descriptors."""
    words = [f"pid {pulse.pid} is {_STATES.get(pulse.state, pulse.state)}"]
    before = next((each for each in case.before_pulses if each.pid == pulse.pid), None)
    if before is not None and pulse.busy_since(before) > _BUSY:
        words.append(f"uses {pulse.busy_since(before):.0%} of a processor")
    if pulse.descriptors is not None and pulse.descriptor_limit is not None:
        words.append(f"has {pulse.descriptors} of {pulse.descriptor_limit} descriptors")
    return ", ".join(words)


def told_attempts(case: Case) -> tuple[str, ...]:
    """What each attempt came to, as evidence."""
    return tuple(each.told for each in case.attempts)


def quoted(text: str, most: int = 120) -> str:
    """Words of somebody else, cut, as evidence."""
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= most else flat[: most - 1] + '…'}”"
