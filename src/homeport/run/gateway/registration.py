"""How a supervisor tells the gateway of its services, and starts the gateway where there is none.

    registration = Registration.open()
    registration.replace(routes)            # all of them, each time that anything changes
    registration.fileno()                   # readable: call receive()
    registration.receive()                  # [{"wanted": "api", "project": "shop"}, …], None: gone

When `receive` gives None the gateway has ended or was killed: `open` again, and `replace`. Closing
the registration removes its routes.
"""

from __future__ import annotations

import os
from typing import Self

from homeport.host import control, detached
from homeport.host.files import runtime_dir
from homeport.host.locking import locked
from homeport.model.errors import HomeportError, NotFound
from homeport.run.gateway.messages import VERSION, encode_routes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.host.control import Channel
    from homeport.model.route import Route

HOME_PORT = 62893
PORTS = range(HOME_PORT, HOME_PORT + 11)
"""Homeport's own port, and where the gateway goes when that is another user's."""

GREETING_MS = 3000
_SERVING = "homeport.run.gateway.serving"


def socket_path() -> str:
    """Where the gateway of this user takes registrations."""
    return os.path.join(runtime_dir(), "gateway.sock")


def lock_path() -> str:
    """The lock under which a gateway is started, and ends."""
    return os.path.join(runtime_dir(), "gateway.lock")


class Registration:
    """A supervisor's connection to the gateway; it keeps its routes alive.

    `port` is where the gateway listens, `pid` its process. Made by `open`.
    """

    def __init__(self, channel: Channel, port: int, pid: int) -> None:
        self._channel = channel
        self.port = port
        self.pid = pid

    @classmethod
    def open(cls, *, ports: Sequence[int] = PORTS, start: bool = True) -> Self:
        """Connects to this user's gateway and starts it, in some 100 ms, where there is none.

        It listens on the first of `ports` that is free; one that runs already stays where it is.
        Raises `NotFound` where there is none and it is not to be started, `HomeportError` where it
        cannot be.
        """
        if (found := cls._connected()) is not None:
            return found
        if not start:
            raise NotFound("the gateway does not run", next_step="homeport up starts it")
        with locked(lock_path()):
            if (found := cls._connected()) is not None:
                return found
            detached.start(_SERVING, [str(port) for port in ports], what="the gateway")
            if (found := cls._connected()) is not None:
                return found
        raise HomeportError("the gateway was started and is gone again")

    @classmethod
    def _connected(cls) -> Self | None:
        channel = control.connect(socket_path())
        if channel is None:
            return None
        channel.wait(GREETING_MS)
        for message in channel.receive() or ():
            port, pid = message.get("port"), message.get("pid")
            if message.get("gateway") == VERSION and type(port) is int and type(pid) is int:
                return cls(channel, port, pid)
        channel.close()
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor, readable when `receive` has something to tell."""
        return self._channel.fileno()

    def replace(self, routes: Sequence[Route]) -> bool:
        """Tells all routes, which take the place of those told before; False where it is gone."""
        self._channel.send(encode_routes(tuple(routes)))
        return self._channel.drain(GREETING_MS)

    def tell(self, routes: Sequence[Route]) -> None:
        """As `replace`, without waiting: `flush` sends what the gateway does not take at once."""
        self._channel.send(encode_routes(tuple(routes)))

    def flush(self) -> bool:
        """Goes on sending; whether all is sent, or nobody is there. Never waits."""
        self._channel.flush()
        return not self._channel.wants_write

    def receive(self) -> list[dict[str, object]] | None:
        """What the gateway says; None once it is gone. Never waits.

        `{"wanted": SERVICE, "project": PROJECT}`: somebody asks for it and waits.
        `{"taken": [NAME, …], "broken": [WHY, …]}`, after each `replace`: names that another
        supervisor had before, and why routes were left out.
        """
        return self._channel.receive()

    def wait(self, timeout_ms: int) -> bool:
        """Waits until there is something to `receive`; False when the time is up."""
        return self._channel.wait(timeout_ms)

    def url_of(self, route: Route, *, secure: bool = False) -> str:
        """The address of a service under its first name: `http://api.shop.localhost:62893`."""
        return url_of(route, self.port, secure=secure)

    def close(self) -> None:
        """Ends it; the gateway forgets the routes."""
        self._channel.close()


def url_of(route: Route, port: int, *, secure: bool = False) -> str:
    """The address of a service under its first name, by a gateway on that port."""
    scheme = "https" if secure and route.scheme == "http" else route.scheme
    return f"{scheme}://{route.names[0]}.localhost:{port}"
