"""What the gateway hears of a project: its routes, each time that anything changes.

The gateway is another process, which may be killed. Then it is started again, and told again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from homeport.model.errors import HomeportError
from homeport.model.port import parse_port
from homeport.model.route import ServiceState
from homeport.run.gateway.registration import PORTS, Registration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from homeport.model.route import Route
    from homeport.run.supervise.runner import Runner

_TOLD_LINES = 30
_WELL = frozenset((ServiceState.READY, ServiceState.DONE))
_AGAIN_S = 1.0


def gateway_ports(environ: Mapping[str, str]) -> Sequence[int]:
    """Where a gateway that has to be started may listen; HOMEPORT_PORT names one place.

    Raises `BadInput` for what is no port.
    """
    named = environ.get("HOMEPORT_PORT", "")
    return (parse_port(named),) if named else PORTS


class GatewayLink:
    """Keeps the routes of these runners at the gateway, for as long as it is open.

    `wanted` is called with the name of a service that somebody asks for. `told` is called each time
    that the gateway was looked for: with a sentence when it cannot be had, else with None.
    """

    def __init__(
        self,
        runners: Mapping[str, Runner],
        wanted: Callable[[str], None],
        told: Callable[[str | None], None],
        ports: Sequence[int],
    ) -> None:
        self._runners = runners
        self._wanted = wanted
        self._tell = told
        self._ports = ports
        self._registration: Registration | None = None
        self._told: tuple[Route, ...] | None = None
        self._again: asyncio.TimerHandle | None = None
        self._opened_s = 0.0
        self._is_due = False
        self._is_needed = True

    @property
    def port(self) -> int | None:
        """Where the gateway listens; None where there is none."""
        return None if self._registration is None else self._registration.port

    def open(self) -> None:
        """Connects to the gateway, which is started where there is none; up to some 200 ms."""
        try:
            self._registration = Registration.open(ports=self._ports)
        except HomeportError as error:
            self._tell(str(error))
        else:
            self._opened_s = asyncio.get_running_loop().time()
            self._tell(None)

    def url_of(self, host: str) -> str | None:
        """Under which URL the gateway serves a host."""
        return None if self.port is None else f"http://{host}.localhost:{self.port}"

    def listen(self) -> None:
        """Hears what the gateway says from now on."""
        if self._registration is not None:
            asyncio.get_running_loop().add_reader(self._registration.fileno(), self._hear)

    def _hear(self) -> None:
        registration = self._registration
        if registration is None:
            return
        messages = registration.receive()
        if messages is None:
            self._lost(registration)
            return
        for message in messages:
            service = message.get("wanted")
            if isinstance(service, str):
                self._wanted(service)
            if "taken" in message:
                self._tell(_refused(message))

    def _lost(self, registration: Registration) -> None:
        loop = asyncio.get_running_loop()
        self._forget(registration)
        self._registration, self._told = None, None
        if not self._is_needed:
            return
        # One that throws us out at once would have us come back for ever.
        waits = loop.time() - self._opened_s < _AGAIN_S
        self._again = loop.call_later(_AGAIN_S if waits else 0, self._reopen)

    def _reopen(self) -> None:
        self.open()
        if self._registration is None:
            self._again = asyncio.get_running_loop().call_later(_AGAIN_S, self._reopen)
            return
        self.listen()
        self.update()

    def need_no_more(self) -> None:
        """All is being stopped: a gateway that is lost from now on is not worth another."""
        self._is_needed = False
        if self._again is not None:
            self._again.cancel()

    def update(self) -> None:
        """Tells the routes soon, once for all that changes now."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._update)

    def _update(self) -> None:
        self._is_due = False
        routes = tuple(_route(each) for each in self._runners.values() if each.assembled.has_port)
        if self._registration is not None and routes != self._told:
            self._told = routes
            self._registration.tell(routes)
            self._send_rest(self._registration)

    def _send_rest(self, registration: Registration) -> None:
        """Sends on when the gateway takes more; nobody waits for that."""
        loop, descriptor = asyncio.get_running_loop(), registration.fileno()
        if registration.flush():
            loop.remove_writer(descriptor)
        else:
            loop.add_writer(descriptor, self._send_rest, registration)

    def close(self) -> None:
        """The gateway forgets the routes."""
        if self._again is not None:
            self._again.cancel()
        if self._registration is not None:
            self._forget(self._registration)
            self._registration = None

    def _forget(self, registration: Registration) -> None:
        loop, descriptor = asyncio.get_running_loop(), registration.fileno()
        loop.remove_reader(descriptor)
        loop.remove_writer(descriptor)
        registration.close()


def _route(runner: Runner) -> Route:
    state = runner.state.shown
    told: tuple[str, ...] = ()
    if state not in _WELL:
        reason = [f"{runner.name} {runner.reason}"] if runner.reason else []
        advice = [f"check says: {runner.advice.text}"] if runner.advice.text else []
        told = (*reason, *advice, *runner.log.last(_TOLD_LINES))
    return runner.assembled.route(state, told)


def _refused(message: dict[str, object]) -> str | None:
    """Which names the gateway does not give us, and why; None where it gives all of them."""
    taken, broken = message["taken"], message.get("broken")
    words = [
        f"{name}.localhost is a service of another directory, which was there first"
        for name in (taken if isinstance(taken, list) else ())
    ]
    words += [
        f"a name cannot be served: {why}" for why in (broken if isinstance(broken, list) else ())
    ]
    return "; ".join(words) or None
