"""What a shim and its supervisor tell each other: lines of fields separated by tabs.

The channel is between processes of one program, but a supervisor must survive whatever comes out of
it: anything else than these lines is a `BrokenMessage`.
"""

from __future__ import annotations

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.model.running import (
    Exited,
    Gone,
    Lost,
    NotStarted,
    Stage,
    Started,
    Unmet,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.running import Report

LONGEST = 1 << 16
"""No line is longer, in bytes."""


class Stop(NamedTuple):
    """End the program by a signal, and by force what is left after the time."""

    signal: int
    grace_ms: int


def encode_report(report: Report) -> bytes:
    """The line that tells of it; `Lost` is told by nobody."""
    fields: list[str] = []
    match report:
        case Started(pid, cgroup, unmet):
            fields = ["started", str(pid), cgroup or ""]
            fields += [text for each in unmet for text in each]
        case NotStarted(stage, number):
            fields = ["not started", stage.value, str(number)]
        case Exited(code, signal, core, over_memory):
            fields = ["exited", _text(code), _text(signal), str(int(core)), str(int(over_memory))]
        case Gone(left, certain):
            fields = ["gone", str(left), str(int(certain))]
        case Lost():
            raise AssertionError("a shim that is lost tells nothing")
    return "\t".join(fields).encode("utf-8", "surrogateescape") + b"\n"


def parse_report(line: bytes) -> Report:
    """Reads a line without its end; raises `BrokenMessage`."""
    kind, *fields = line.decode("utf-8", "surrogateescape").split("\t")
    try:
        match kind, fields:
            case "started", [pid, cgroup, *unmet] if len(unmet) % 2 == 0:
                pairs = zip(unmet[::2], unmet[1::2], strict=True)
                return Started(int(pid), cgroup or None, tuple(Unmet(*each) for each in pairs))
            case "not started", [stage, number]:
                return NotStarted(Stage(stage), int(number))
            case "exited", [code, signal, core, over_memory]:
                return Exited(_number(code), _number(signal), core == "1", over_memory == "1")
            case "gone", [left, certain]:
                return Gone(int(left), certain == "1")
    except ValueError:
        pass  # said below, as for any other line
    raise BrokenMessage("a shim told what it cannot mean", why=repr(line[:80]))


def encode_stop(stop: Stop) -> bytes:
    """The line that asks for it."""
    return f"stop\t{stop.signal}\t{stop.grace_ms}\n".encode("ascii")


def parse_stop(line: bytes) -> Stop:
    """Reads a line without its end; raises `BrokenMessage`."""
    word, *numbers = line.split(b"\t")
    if word != b"stop" or len(numbers) != 2 or not all(each.isdigit() for each in numbers):
        raise BrokenMessage("a supervisor asked what it cannot mean", why=repr(line[:80]))
    return Stop(int(numbers[0]), int(numbers[1]))


class Lines:
    """Puts the lines of a stream together."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are whole now; raises `BrokenMessage` for one that does not end."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            raise BrokenMessage("a line on the channel of a shim does not end")
        return whole


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _number(text: str) -> int | None:
    return int(text) if text else None
