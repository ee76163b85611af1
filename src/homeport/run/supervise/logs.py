"""What a service prints: as lines, in its file on disk, and the last ones in memory.

Every line has passed `wire.terminal_text`: nothing in it drives the terminal of the one who reads.
"""

from __future__ import annotations

from collections import deque

from homeport.host.clock import Clock
from homeport.host.log_files import LogFile, read_log
from homeport.model.log import LogLine
from homeport.wire.log_lines import format_line
from homeport.wire.terminal_text import TerminalLines, only_colours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Log", "read_log"]

_IN_MEMORY = 500
_MARK = "-- "


class Log:
    """The log of one service, kept at `path`."""

    def __init__(self, path: str, *, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._file = LogFile(path)
        self._lines = TerminalLines()
        self._memory: deque[LogLine] = deque(maxlen=_IN_MEMORY)
        self._listeners: list[Callable[[str], None]] = []
        self._told: str | None = None

    @property
    def pending(self) -> bool:
        """Whether a line was begun: `flush` it when nothing more comes for a while."""
        return self._lines.pending

    def feed(self, data: bytes) -> list[str]:
        """Takes what was printed; the lines that are whole now, as they are to be shown."""
        return self._take(self._lines.feed(data))

    def flush(self) -> list[str]:
        """Takes the line that was begun for a whole one: a prompt, the last words of a program."""
        return self._take(self._lines.flush())

    def note(self, text: str) -> list[str]:
        """A line of Homeport's own, after what was begun before it."""
        begun = self._lines.flush()
        return self._take([*begun, _MARK + only_colours(text)])

    def last(self, count: int) -> list[str]:
        """The last lines, at most some hundreds."""
        return [line.text for line in list(self._memory)[-count:]] if count > 0 else []

    def since(self, time_ns: int) -> list[str]:
        """Those of the last lines that were printed since then."""
        return [line.text for line in self._memory if (line.time_ns or 0) >= time_ns]

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Has somebody told of each line from now on; the function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Writes what was begun, and gives the file back."""
        self.flush()
        self._file.close()

    def _take(self, texts: list[str]) -> list[str]:
        if not texts:
            return texts
        now_ns = self._clock.now_ns()
        lines = [LogLine(now_ns, text) for text in texts]
        self._file.append(b"".join(map(format_line, lines)))
        texts = texts + self._news_of_the_file()
        self._memory += [LogLine(now_ns, text) for text in texts]
        for listener in tuple(self._listeners):
            for text in texts:
                listener(text)
        return texts

    def _news_of_the_file(self) -> list[str]:
        """That lines are lost is said once, until it works again."""
        problem, told = self._file.problem, self._told
        self._told = problem
        return [_MARK + problem] if problem and not told else []
