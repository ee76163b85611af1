"""What services have printed, from the files that stay when nothing runs."""

from __future__ import annotations

from heapq import merge

from homeport.model.errors import NotFound
from homeport.run.supervise.following import Line
from homeport.run.supervise.instance import known_instance
from homeport.run.supervise.logs import read_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeport.model.log import LogLine


def kept_lines(directory: str, services: tuple[str, ...], tail: int) -> list[Line]:
    """See `homeport.api.kept_lines`."""
    instance = known_instance(directory)
    logged = [] if instance is None else instance.logged_services()
    if instance is None or not logged:
        raise NotFound("no services have run here", next_step="homeport up starts them")
    for name in services:
        if name not in logged:
            raise NotFound(
                f"nothing is kept of a service {name!r}",
                next_step=f"there are: {', '.join(logged)}",
            )
    each = [
        _timed(name, read_log(instance.log_path(name), last=tail)) for name in services or logged
    ]
    lines = [line for _, line in merge(*each, key=lambda pair: pair[0])]
    return lines[-tail:] if tail else []


def _timed(name: str, lines: Iterable[LogLine]) -> Iterator[tuple[int, Line]]:
    """The lines with their times; one that has none goes with the line before it."""
    time_ns = 0
    for line in lines:
        time_ns = line.time_ns or time_ns
        yield time_ns, Line(name, line.text)
