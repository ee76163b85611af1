"""Asking a supervisor: the other end of its control socket, for commands and for tests.

Every answer is waited for within a limit. What a supervisor sends is checked as anybody's.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from typing import Self

from homeport.host import control
from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.host.files import names_in
from homeport.model.errors import (
    BadInput,
    BrokenMessage,
    HomeportError,
    NotFound,
    NotSupported,
)
from homeport.model.home import is_within
from homeport.run.supervise.instance import running_dir, running_instances
from homeport.wire.supervision import Request, parse_status, request_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.host.control import Channel
    from homeport.model.status import ProjectStatus

ANSWER_MS = 10_000
GLANCE_MS = 500
BEAT_MS = 5000
SILENCE_MS = 6 * BEAT_MS
"""A supervisor that works on something says each `BEAT_MS` that it does: silence means it hangs."""

_CONTROL = "control"


class Ending(HomeportError):
    """A supervisor takes no wishes any more: it ends."""


_KINDS = {kind.__name__: kind for kind in (BadInput, Ending, NotFound, NotSupported)}
"""The errors of which it matters to whoever has asked which one it is."""


class Client:
    """A conversation with one supervisor, to be closed."""

    def __init__(self, channel: Channel, clock: Clock | None = None) -> None:
        self.channel = channel
        self._clock = clock or Clock()
        self._heard: deque[dict[str, object]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()

    def send(self, request: Request) -> None:
        """Asks without waiting for an answer."""
        self.channel.send(request_json(request))

    def messages(self, timeout_ms: int | None = None) -> Iterator[dict[str, object]]:
        """What the supervisor says, until it is gone.

        Raises `HomeportError` where it refuses, and where it says nothing for `timeout_ms`; None
        waits for as long as it takes.
        """
        while self.hear():
            if not self._heard:
                self._wait(timeout_ms)
            while self._heard:
                message = self._heard.popleft()
                raise_refusal(message)
                yield message

    def hear(self) -> bool:
        """Takes what has come, without waiting; False once that is told and nothing will come."""
        received = self.channel.receive()
        self._heard += received or ()
        return received is not None or bool(self._heard)

    def heard(self) -> list[dict[str, object]]:
        """What has come and was not told by `messages`."""
        found = list(self._heard)
        self._heard.clear()
        return found

    def _wait(self, timeout_ms: int | None) -> None:
        timeout_ns = None if timeout_ms is None else timeout_ms * MILLISECOND_NS
        if not self._clock.wait([self.channel], timeout_ns):
            pid = self.channel.pid
            raise HomeportError(
                f"the supervisor (pid {pid}) has not answered for {timeout_ms} ms",
                why="it is suspended (Ctrl-Z), waits for its output to be read (Ctrl-S), or hangs",
                next_step=f"go on there (fg, Ctrl-Q), or end it and its services: kill -9 {pid}",
            )

    def answer(self, request: Request, key: str, timeout_ms: int = ANSWER_MS) -> object:
        """Asks, and gives the part `key` of the first answer that has it."""
        self.send(request)
        for message in self.messages(timeout_ms):
            if key in message:
                return message[key]
        raise HomeportError("the supervisor has ended before it answered")

    def status(self, timeout_ms: int = ANSWER_MS) -> ProjectStatus:
        """How its services are."""
        found = self.answer(Request("status"), "status", timeout_ms)
        if not isinstance(found, dict):
            raise BrokenMessage("the status that a supervisor told is no object")
        return parse_status(found)


def raise_refusal(message: dict[str, object]) -> None:
    """Raises the error that a supervisor tells, if that is what the message is."""
    refusal = message.get("refused")
    if isinstance(refusal, dict):
        what, why, step = (refusal.get(key) for key in ("what", "why", "next_step"))
        kind = _KINDS.get(str(refusal.get("kind")), HomeportError)
        raise kind(str(what), why=_text(why), next_step=_text(step))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def refusal_json(error: HomeportError) -> dict[str, object]:
    """An error as a supervisor tells it."""
    told = {"what": error.what, "why": error.why, "next_step": error.next_step}
    return {"refused": {**told, "kind": type(error).__name__}}


def _control_paths() -> list[str]:
    return [os.path.join(running_dir(), name, _CONTROL) for name in names_in(running_dir())]


def running(timeout_ms: int = ANSWER_MS) -> list[tuple[str, ProjectStatus]]:
    """Every supervisor of this user: where it is asked, and how its services are.

    One that does not answer, or ends just now, is left out: it must not hide the others.
    """
    found = []
    for path in _control_paths():
        channel = control.connect(path)
        if channel is not None:
            with Client(channel) as client, suppress(HomeportError):
                found.append((path, client.status(timeout_ms)))
    return found


def told_by_all(timeout_ms: int = GLANCE_MS) -> tuple[ProjectStatus, ...]:
    """How the services of all projects are, as far as their supervisors answer at once.

    For those who want to know of services beside other things: one that hangs is left out.
    """
    return tuple(status for _, status in running(timeout_ms))


def connect(path: str) -> Client | None:
    """A conversation with the supervisor that is asked at a path; None where there is none."""
    channel = control.connect(path)
    return None if channel is None else Client(channel)


def client_for(directory: str) -> Client:
    """A conversation with the supervisor of the nearest project upward from a directory.

    Where that does not run, with one that something else runs there, such as `homeport run`. Raises
    `NotFound` where nothing does.
    """
    for instance in running_instances(directory):
        if (client := connect(instance.control_path)) is not None:
            return client
    here = os.path.realpath(directory)
    known = running()
    above = [(len(status.root), path) for path, status in known if is_within(here, status.root)]
    client = connect(max(above)[1]) if above else None
    if client is None:
        raise NotFound(f"no services run for {here}", next_step=_others(known))
    return client


def _others(known: list[tuple[str, ProjectStatus]]) -> str:
    if not known:
        return "homeport up starts them"
    names = ", ".join(sorted({status.name for _, status in known}))
    return f"homeport up starts them; those that run: {names}"
