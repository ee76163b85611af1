"""The gateway's process: it listens, takes registrations, and ends with the last of them.

Started by `Registration.open` as `python -m homeport.run.gateway.serving PORT…`.
"""

from __future__ import annotations

import gc
import os
import sys

from homeport.host import control, detached
from homeport.host.files import make_private, state_dir
from homeport.host.locking import try_lock
from homeport.host.relaying.engine import Engine, listen, room_for_connections
from homeport.model.errors import BrokenMessage, HomeportError
from homeport.run.gateway.http2 import Http2, is_wanted
from homeport.run.gateway.messages import VERSION, decode_routes
from homeport.run.gateway.policy import GatewayPolicy
from homeport.run.gateway.registration import lock_path, socket_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Sequence

    from homeport.host.control import Channel, Listener
    from homeport.host.relaying.loop import Timer
    from homeport.run.gateway.routes import Found

FIRST_MS = 10_000
GRACE_MS = 3000
_AGAIN_MS = 50


class Gateway:
    """Registrations on one side, connections on the other.

    It ends `grace_ms` after the last registration has gone, and `FIRST_MS` after the start if none
    has come.
    """

    def __init__(
        self,
        port: int,
        listeners: Sequence[socket.socket],
        registrations: Listener,
        *,
        context_for: Callable[[str], ssl.SSLContext | None] | None = None,
        most: int | None = None,
        grace_ms: int = GRACE_MS,
    ) -> None:
        self._port = port
        self._policy = GatewayPolicy(port, self._want, context_for)
        uids = frozenset({os.geteuid(), 0})
        room = room_for_connections() if most is None else most
        self._engine = Engine(self._policy, listeners, uids=uids, most=room)
        self._loop = self._engine.loop
        self._http2 = self._speaking_http2(context_for)
        self._registrations = registrations
        self._grace_ms = grace_ms
        self._channels: dict[int, Channel] = {}
        self._asked: set[tuple[int, str, str]] = set()
        self._last = 0
        self._ending: Timer | None = self._loop.after(FIRST_MS, self._end)
        self._loop.add(registrations.fileno(), self._accept)

    def _speaking_http2(
        self, context_for: Callable[[str], ssl.SSLContext | None] | None
    ) -> Http2 | None:
        if context_for is None or not is_wanted():
            return None
        http2 = Http2(self._loop, self._port, context_for, self._policy.is_web, self._engine.wake)
        self._policy.http2 = http2.take
        return http2

    def run(self) -> None:
        """Serves until the end."""
        # What was loaded until now stays; the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        try:
            self._loop.run()
        finally:
            self._registrations.close()
            if self._http2 is not None:
                self._http2.close()
            self._engine.close()

    def _accept(self, _mask: int) -> None:
        channel = self._registrations.accept(len(self._channels))
        if channel is None:
            return
        self._last += 1
        number = self._last
        self._channels[number] = channel
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._loop.add(channel.fileno(), lambda _: self._hear(number))
        channel.send({"gateway": VERSION, "port": self._port, "pid": os.getpid()})

    def _hear(self, number: int) -> None:
        channel = self._channels[number]
        messages = channel.receive()
        try:
            for message in messages or ():
                self._told(number, message)
        except BrokenMessage:
            messages = None
        if messages is None or channel.ended:
            self._lost(number)

    def _told(self, number: int, message: dict[str, object]) -> None:
        told = decode_routes(message)
        if told is None:
            return
        # A route back to here would go round in a circle.
        routes = tuple(route for route in told.routes if route.port != self._port)
        taken = self._policy.table.replace(number, routes)
        self._asked = {each for each in self._asked if each[0] != number}
        self._channels[number].send({"taken": list(taken), "broken": list(told.broken)})
        self._engine.wake()

    def _lost(self, number: int) -> None:
        channel = self._channels.pop(number)
        self._loop.remove(channel.fileno())
        channel.close()
        self._policy.table.remove(number)
        self._engine.wake()
        if not self._channels and self._ending is None:
            self._ending = self._loop.after(self._grace_ms, self._end)

    def _want(self, found: Found) -> None:
        route = found.route
        asked = (found.owner, route.project, route.service)
        if asked not in self._asked and found.owner in self._channels:
            self._asked.add(asked)
            message: dict[str, object] = {"wanted": route.service, "project": route.project}
            self._channels[found.owner].send(message)

    def _end(self) -> None:
        """Ends, unless somebody is just coming: who starts a gateway holds the same lock."""
        self._ending = None
        lock = try_lock(lock_path())
        if lock is None:
            self._ending = self._loop.after(_AGAIN_MS, self._end)
            return
        try:
            self._accept(0)
            if not self._channels:
                self._registrations.close()
                self._engine.stop_listening()
                self._loop.stop()
        finally:
            os.close(lock)


def serve(ports: Sequence[int]) -> None:
    """Listens, lets the starter go, and serves. Raises `HomeportError` before that."""
    got = listen(ports)
    if got is None:
        raise HomeportError(
            f"none of the ports {min(ports)} to {max(ports)} is free",
            next_step=f"see who has them: homeport explain {min(ports)}",
        )
    port, listeners = got
    registrations = control.Listener(socket_path())
    detached.go_on_alone(os.path.join(make_private(state_dir()), "gateway.log"))
    Gateway(port, listeners, registrations, context_for=_context_for).run()


def _context_for(host: str) -> ssl.SSLContext | None:
    """A certificate of Homeport's own authority; loaded when the first one asks for TLS."""
    from homeport.run.certificates import context_for

    return context_for(host)


def main() -> int:
    """Serves on the first of the ports in the arguments that is free."""
    try:
        serve([int(argument) for argument in sys.argv[1:]])
    except HomeportError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
