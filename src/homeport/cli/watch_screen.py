"""`homeport watch` on a terminal: a table that stays current, until somebody presses q."""

from __future__ import annotations

import signal
import time
from collections import deque

from homeport import api
from homeport.cli.screen import Screen, signals
from homeport.report.cells import Context
from homeport.report.events_text import View, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.cli.following import Follower
    from homeport.model.event import Event
    from homeport.report.style import Style

REDRAW_S = 5
"""How often ages are brought up to date while nothing happens."""

_KEPT_EVENTS = 200
_KEPT_NOTICES = 3


class _Live:
    """What the screen shows, and what was asked of it by signals."""

    def __init__(self, follower: Follower, style: Style, screen: Screen) -> None:
        self._follower = follower
        self._style = style
        self._screen = screen
        self._events: deque[Event] = deque(maxlen=_KEPT_EVENTS)
        self._notices: deque[str] = deque(maxlen=_KEPT_NOTICES)
        self._total = 0
        self._drawn_s = 0.0
        self._resized = False
        self._suspended = False

    def resize(self) -> None:
        """The terminal has another size."""
        self._resized = True

    def suspend(self) -> None:
        """Ctrl-Z was pressed."""
        self._suspended = True

    def follow(self) -> None:
        """Shows what happens until it is over."""
        self._draw()
        while not self._follower.over:
            events = self._follower.step([self._screen] if self._screen.has_keys else [])
            if "q" in self._screen.keys().lower():
                return
            if self._suspended:
                self._suspended = False
                self._screen.suspend()
                self._resized = True
            if self._take(events) or time.monotonic() - self._drawn_s >= REDRAW_S:
                self._draw()

    def _take(self, events: list[Event]) -> bool:
        """Whether there is something new to show."""
        notices = self._follower.notices()
        self._total += len(events)
        self._events.extendleft(events)
        self._notices.extend(notices)
        resized, self._resized = self._resized, False
        if resized:
            self._screen.forget()
        return bool(events or notices or resized)

    def _draw(self) -> None:
        columns, lines = self._screen.size()
        self._drawn_s = time.monotonic()
        context = Context(time.time_ns(), api.own_uids(), {})
        style = self._style._replace(width=columns)
        self._screen.draw(frame(self._view(context.now_ns), context, style, lines))

    def _view(self, now_ns: int) -> View:
        watch = self._follower.watch
        return View(
            listeners=self._follower.listeners(),
            events=list(self._events),
            notices=list(self._notices),
            began_ns=watch.began_ns,
            now_ns=now_ns,
            total=self._total,
            how_to_end="q ends" if self._screen.has_keys else "Ctrl-C ends",
        )


def show_live(follower: Follower, style: Style) -> None:
    """Shows what happens in place; the terminal is given back whatever happens."""
    screen = Screen()
    live = _Live(follower, style, screen)
    stop = follower.watch.stop
    handlers = [
        (signal.SIGINT, stop),
        (signal.SIGTERM, stop),
        (signal.SIGHUP, stop),
        (signal.SIGWINCH, live.resize),
        (signal.SIGTSTP, live.suspend),
    ]
    with signals(handlers, follower.watch.wake_descriptor), screen:
        live.follow()
