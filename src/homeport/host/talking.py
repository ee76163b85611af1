"""Carries conversations out: connects to listeners of this machine, many at once, within a budget.

What is said and what it means stands in the conversation (`wire.exchange`); here are sockets, TLS
sessions and clocks. Only addresses of this machine are connected to.
"""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
import ssl
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from homeport.host.guise import socket_of
from homeport.host.netns import in_namespace
from homeport.host.streams import Plain, Session, reason
from homeport.model.address import is_ipv6
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple
from homeport.wire.exchange import Conversation, Ended, Heard, OutOfTime, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from homeport.model.snapshot import Namespace

CONNECT_S = 0.3
"""Within a machine a connection takes 0.1 ms: longer means that a queue is full, or a firewall."""

NO_HANDSHAKE = "the other side does not answer the TLS handshake"
AT_ONCE = 256
_SPARE = 8
"""Descriptors for what else is opened meanwhile: namespaces, the store of authorities."""

_MOST_HEARD = 1 << 18

Result = TypeVar("Result")
_Address: TypeAlias = "tuple[str, int] | tuple[str, int, int, int]"


class Place(NamedTuple):
    """Where to connect to: an endpoint, in a network namespace other than our own if given.

    `uid` is the user whose connection a firewall is to take it for, None for our own.
    """

    endpoint: Endpoint
    namespace: Namespace | None = None
    uid: int | None = None


def converse(
    calls: Sequence[tuple[Place, Conversation[Result]]], budget_s: float
) -> list[Result | None]:
    """What each conversation returns; None for those that the budget has cut off."""
    return asyncio.run(_all(calls, budget_s))


async def _all(
    calls: Sequence[tuple[Place, Conversation[Result]]], budget_s: float
) -> list[Result | None]:
    gate = asyncio.Semaphore(_at_once())
    deadline = asyncio.get_running_loop().time() + budget_s

    async def bounded(place: Place, conversation: Conversation[Result]) -> Result | None:
        try:
            async with asyncio.timeout_at(deadline), gate:
                return await carry_out(place, conversation)
        except TimeoutError:
            return _cut_off(conversation)

    return await asyncio.gather(*(bounded(place, each) for place, each in calls))


def _at_once() -> int:
    """How many connections may be open together: each takes one of the descriptors left to us."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return AT_ONCE
    try:
        used = len(os.listdir("/dev/fd"))
    except OSError:
        used = soft // 2
    return max(1, min(AT_ONCE, soft - used - _SPARE))


def _cut_off(conversation: Conversation[Result]) -> Result | None:
    """What a conversation knows already when its time is over."""
    try:
        conversation.throw(OutOfTime())
    except StopIteration as stop:
        known: Result | None = stop.value
        return known
    except OutOfTime:
        return None
    conversation.close()
    return None


class Dial(NamedTuple):
    """One connect(2): the error's number (None: it came through; ETIMEDOUT: nobody answered)."""

    place: Place
    errno: int | None
    elapsed_ms: int


def call(
    places: Sequence[Place],
    conversation: Conversation[Result],
    *,
    connect_s: float,
    budget_s: float,
    at_end: Callable[[Result | None], None] | None = None,
) -> tuple[list[Dial], Result | None]:
    """Tries the places in turn, as a client does, and talks to the first that can be reached.

    The result is None where none could be, or the budget was used up. `at_end` is told the result
    while the last connection is still open.
    """
    called = _called(places, conversation, connect_s, budget_s, at_end)
    return asyncio.run(called)


async def _called(
    places: Sequence[Place],
    conversation: Conversation[Result],
    connect_s: float,
    budget_s: float,
    at_end: Callable[[Result | None], None] | None,
) -> tuple[list[Dial], Result | None]:
    dials: list[Dial] = []
    for place in places:
        dial, connected = await _dialled(place, connect_s)
        dials.append(dial)
        if connected is not None:
            try:
                async with asyncio.timeout(budget_s):
                    return dials, await carry_out(place, conversation, connected, at_end)
            except TimeoutError:
                break
    return dials, _cut_off(conversation)


async def _dialled(place: Place, connect_s: float) -> tuple[Dial, socket.socket | None]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    number: int | None = None
    connected = None
    try:
        connected, address = _opened(place)
        async with asyncio.timeout(connect_s):
            await loop.sock_connect(connected, address)
    except TimeoutError:
        number = errno.ETIMEDOUT
    except ConnectionResetError:
        number = None  # it came about, and was reset before we looked: the talk will tell
    except OSError as error:
        number = error.errno or errno.EIO
    except HomeportError:
        number = errno.EPERM
    if number is not None and connected is not None:
        connected.close()
        connected = None
    return Dial(place, number, round((loop.time() - began) * 1000)), connected


async def carry_out(
    place: Place,
    conversation: Conversation[Result],
    connected: socket.socket | None = None,
    at_end: Callable[[Result | None], None] | None = None,
) -> Result:
    """One conversation to its end, turn by turn; its first turn is said over `connected`."""
    line = Line(place, connected)
    try:
        turn = next(conversation)
        while True:
            turn = conversation.send(await line.take(turn))
    except StopIteration as stop:
        result: Result = stop.value
        if at_end is not None:
            at_end(result)
        return result
    finally:
        line.hang_up()


class Line:
    """The connection that a conversation has at the moment."""

    def __init__(self, place: Place, connected: socket.socket | None = None) -> None:
        self._place = place
        self._socket = connected
        self._unused = connected is not None
        self._session: Session | None = None

    async def take(self, turn: Turn) -> Heard:
        """Does what a turn asks for."""
        began = asyncio.get_running_loop().time()
        heard = await self._taken(turn)
        elapsed_s = asyncio.get_running_loop().time() - began
        return heard._replace(elapsed_ms=round(elapsed_s * 1000), local_port=self._local_port())

    def _local_port(self) -> int | None:
        return None if self._socket is None else int(self._socket.getsockname()[1])

    async def _taken(self, turn: Turn) -> Heard:
        try:
            if turn.fresh:
                await self._connect()
            if turn.upgrade or (turn.fresh and turn.alpn is not None):
                await self._secure(turn)
            return await self._talk(turn)
        except ssl.SSLCertVerificationError as error:
            return Heard(
                b"", Ended.UNSECURED, why=error.verify_message, verify_code=error.verify_code
            )
        except ConnectionResetError as error:
            return Heard(b"", Ended.RESET, why=_told(error))
        except ConnectionRefusedError as error:
            return Heard(b"", Ended.REFUSED, why=_told(error))
        except BrokenPipeError as error:
            return Heard(b"", Ended.CLOSED, why=_told(error))
        except ssl.SSLError as error:
            return Heard(b"", Ended.UNSECURED, why=reason(error))
        except TimeoutError:
            return Heard(b"", Ended.UNREACHED, why="no connection came about in time")
        except (OSError, HomeportError) as error:
            return Heard(b"", Ended.UNREACHED, why=str(error))

    def hang_up(self) -> None:
        """Closes the connection, if there is one; a TLS session says so first (RFC 8446, 6.1)."""
        if self._session is not None:
            self._session.close()
        if self._socket is not None:
            self._socket.close()
        self._socket = self._session = None

    async def _connect(self) -> None:
        if self._unused:
            self._unused = False
            return
        self.hang_up()
        self._socket, address = _opened(self._place)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            await loop.sock_connect(self._socket, address)

    async def _secure(self, turn: Turn) -> None:
        if self._socket is None:
            raise BrokenPipeError("the connection is gone")
        self._session = Session(self._socket, turn)
        try:
            async with asyncio.timeout(max(turn.wait_ms / 1000, CONNECT_S)):
                await self._session.open()
        except TimeoutError:
            raise ssl.SSLError(ssl.SSL_ERROR_WANT_READ, NO_HANDSHAKE) from None

    async def _talk(self, turn: Turn) -> Heard:
        if self._socket is None:
            return Heard(b"", Ended.CLOSED, why="the connection is gone")
        stream = self._session or Plain(self._socket)
        tls = self._session.facts() if self._session else None
        if turn.say:
            await stream.send(turn.say)
        data = b""
        try:
            async with asyncio.timeout(turn.wait_ms / 1000):
                while len(data) < _MOST_HEARD:
                    piece = await stream.receive()
                    if not piece:
                        return Heard(data, Ended.CLOSED, tls)
                    data += piece
                    if turn.enough(data):
                        break
                return Heard(data, Ended.ENOUGH, tls)
        except TimeoutError:
            return Heard(data, Ended.SILENT, tls)
        except ConnectionResetError as error:
            return Heard(data, Ended.RESET, tls, _told(error))
        except ssl.SSLError as error:
            return Heard(data, Ended.CLOSED, tls, reason(error))


def _opened(place: Place) -> tuple[socket.socket, _Address]:
    """A socket of the place's namespace, and what to connect it to there."""

    def opened() -> tuple[socket.socket, _Address]:
        endpoint = place.endpoint
        family = socket.AF_INET6 if is_ipv6(endpoint.address) else socket.AF_INET
        kind = socket.SOCK_DGRAM if endpoint.transport is Transport.UDP else socket.SOCK_STREAM
        address = _address(endpoint)
        made = socket_of(place.uid, family, kind)
        made.setblocking(False)
        return made, address

    if place.namespace is None or place.namespace.own:
        return opened()
    return in_namespace(place.namespace, opened)


def _told(error: OSError) -> str:
    # asyncio writes words of its own into an error of connect(2).
    return str(error) if error.errno is None else os.strerror(error.errno)


_REACHED_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def _address(endpoint: Endpoint) -> _Address:
    """What to connect to, to reach a socket bound to an endpoint; a wildcard by its loopback."""
    address = _REACHED_BY.get(endpoint.address, endpoint.address)
    if not is_ipv6(address):
        return address, endpoint.port
    scope = socket.if_nametoindex(endpoint.interface) if endpoint.interface else 0
    return address, endpoint.port, 0, scope
