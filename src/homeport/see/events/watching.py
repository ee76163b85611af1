"""A watcher put together from this machine: its tables, its endings, its clock, its history."""

from __future__ import annotations

from homeport.host.clock import SECOND_NS, Clock
from homeport.see.events.looking import ends_here, tables_here
from homeport.see.events.watch import Pace, Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.see.events.record import Recorder


def watch_here(*, udp: bool, record: bool, interval_s: float | None) -> Watch:
    """Watches this machine from now on; see `api.watch`."""
    clock = Clock()
    tables = tables_here(udp=udp)
    recorder = _recorder(tables.netns, clock, udp=udp) if record else None
    # Listening for endings begins before the first look, so that nothing falls between.
    ends, doubt = ends_here(udp=udp)
    pace = Pace() if interval_s is None else Pace(look_ns=int(interval_s * SECOND_NS))
    try:
        watch = Watch(tables, clock=clock, ends=ends, keeper=recorder, pace=pace)
    except BaseException:
        if ends is not None:
            ends.close()
        raise
    if doubt is not None:
        watch.say(doubt)
    return watch


def _recorder(netns: int, clock: Clock, *, udp: bool) -> Recorder:
    from homeport.host.journal.reader import journal_path
    from homeport.see.events.record import Recorder

    return Recorder(journal_path(), netns=netns, udp=udp, clock=clock)
