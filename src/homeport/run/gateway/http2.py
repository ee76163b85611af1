"""HTTP/2 for browsers: a Caddy of the gateway's own, which is there when it is, and never missed.

It is started by the first client that offers HTTP/2 for a service, who waits for it a moment: a
browser that had its six connections over HTTP/1.1 would open no other for minutes. Where there is
none, where it does not come in that time, and after it has died, the gateway serves over HTTP/1.1
itself. So nothing here can fail for a client.
"""

from __future__ import annotations

import json
import os
import sys
from time import monotonic

from homeport.host import programs, shim
from homeport.host.files import make_private, read_private, runtime_dir, write_atomically
from homeport.host.relaying.passing import Asking, Directory, connect_local
from homeport.host.relaying.verdicts import Forward, Hold
from homeport.model.errors import HomeportError
from homeport.model.running import Gone, Lost, Program, Stdio
from homeport.run.certificates.authority import leaf_path
from homeport.wire.caddy_config import (
    ADMIN_SOCKET,
    Secured,
    caddy_config,
    is_loaded,
    load_request,
    tls_socket,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from homeport.host.relaying.loop import Loop
    from homeport.host.shim import Spawned

    ContextFor = Callable[[str], ssl.SSLContext | None]

SWITCH = "HOMEPORT_HTTP2"
HOLD_MS = 2000
"""How long a client waits for HTTP/2 at most; it takes some 100 ms to start, as to learn a host."""

QUIET_MS = 100
"""How long nobody has come before Caddy is told of another host. To all connections that it has it
says then that it takes no more requests; who has just sent the first would have to ask again, and
not every client does."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
_OFF = ("off", "no", "false", "0")
_CONFIG = "caddy.json"
_LOOK_MS = 10
_START_MS = 10_000
_UMASK = 0o077


def directory_path() -> str:
    """Where the Caddy of this user's gateway has its sockets."""
    return os.path.join(runtime_dir(), "http2")


def is_wanted() -> bool:
    """Whether HTTP/2 was not switched off, in the environment of whoever started the gateway."""
    return (programs.variable(SWITCH) or "").lower() not in _OFF


def found_caddy() -> str | None:
    """The program: that of Homeport's own environment before that of the machine."""
    own = os.path.join(os.path.dirname(programs.this_python()), "caddy")
    return own if programs.is_program(own) else programs.in_path("caddy")


class Http2:
    """Who speaks HTTP/2 for which hosts: `take`. `wake` is called when there is another answer.

    `known` tells whether a host still is a service's; `context_for` makes certificates, and gives
    another context for a host when its certificate has changed.
    """

    def __init__(
        self,
        loop: Loop,
        port: int,
        context_for: ContextFor,
        known: Callable[[str], bool],
        wake: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._port = port
        self._context_for = context_for
        self._known = known
        self._wake = wake
        self._directory: Directory | None = None
        self._caddy: Spawned | None = None
        self._held: Mapping[str, ssl.SSLContext] = {}
        self._asked: dict[str, ssl.SSLContext] = {}
        self._is_due = False
        self._asking: Asking | None = None
        self._tried = 0
        self._generation = 0
        self._begun_s = 0.0
        self._forwarded_s = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._not_before_s = 0.0

    def take(self, host: str, waited_ms: int) -> Forward | Hold | None:
        """Where TLS sessions to that host are taken; to be asked again soon; None: nowhere now."""
        try:
            context = self._context_for(host)
        except HomeportError:
            return None  # the session is the gateway's then, and so is the complaint
        if context is None:
            return None
        if self._held.get(host) is not context:
            self._asked[host] = context
            self._bring_about()
        elif not self._is_learning and self._directory is not None:
            self._forwarded_s = monotonic()
            return Forward(self._directory.socket_path(tls_socket(self._generation)), 0)
        return Hold(HOLD_MS - waited_ms) if self._is_coming and waited_ms < HOLD_MS else None

    @property
    def _is_learning(self) -> bool:
        return self._is_due or self._asking is not None

    @property
    def _is_coming(self) -> bool:
        return self._is_learning or (self._caddy is not None and not self._held)

    def close(self) -> None:
        """Ends Caddy."""
        if self._asking is not None:
            self._asking.cancel()
        if self._caddy is not None:
            self._loop.remove(self._caddy.channel_fd)
            self._caddy.close()
            self._caddy = None
        if self._directory is not None:
            self._directory.close()
            self._directory = None
        self._held = {}

    def _bring_about(self) -> None:
        """Lets Caddy have all that was asked for, if it is time and nothing is under way."""
        now_s = monotonic()
        if self._is_learning or now_s < self._not_before_s:
            return
        if self._caddy is None:
            self._start(now_s)
        elif self._held:
            self._is_due = True  # so nobody else comes until then
            quiet_ms = 1000 * (now_s - self._forwarded_s)
            self._loop.after(max(0, QUIET_MS - int(quiet_ms)), self._load)

    # Starting.

    def _start(self, now_s: float) -> None:
        program = found_caddy()
        if program is None:
            self._not_before_s = now_s + LONGEST_PAUSE_S
            return
        wanted = self._wanted()
        try:
            directory = self._prepared(wanted)
            caddy = shim.spawn(_program(program, directory.path))
        except HomeportError as error:
            self._complain(f"Caddy cannot be started: {error}")
            self._pause(now_s)
            return
        self._caddy, self._begun_s = caddy, now_s
        self._loop.add(caddy.channel_fd, lambda _: self._hear(caddy))
        self._loop.after(_LOOK_MS, lambda: self._look(caddy, wanted))

    def _prepared(self, wanted: Mapping[str, ssl.SSLContext]) -> Directory:
        if self._directory is None:
            self._directory = Directory(make_private(directory_path()))
        self._directory.clear()
        self._generation = self._tried = self._tried + 1
        config = json.dumps(self._config(wanted, self._generation), indent=1).encode("ascii")
        write_atomically(os.path.join(self._directory.path, _CONFIG), config)
        return self._directory

    def _look(self, caddy: Spawned, wanted: Mapping[str, ssl.SSLContext]) -> None:
        """Whether it takes connections by now, which it does once it has all certificates."""
        if caddy is not self._caddy or self._directory is None:
            return
        taken = connect_local(self._directory.socket_path(tls_socket(self._generation)))
        if taken is not None:
            taken.close()
            self._have(wanted)
        elif monotonic() - self._begun_s > _START_MS / 1000:
            self._complain(f"Caddy took no connection within {_START_MS} ms")
            caddy.kill()
        else:
            self._loop.after(_LOOK_MS, lambda: self._look(caddy, wanted))

    # Loading.

    def _load(self) -> None:
        self._is_due = False
        wanted = self._wanted()
        if self._directory is None or not self._held or not wanted:
            self._wake()
            return
        self._tried += 1
        generation = self._tried
        request = load_request(self._config(wanted, generation))
        self._asking = Asking(
            self._loop,
            self._directory.socket_path(ADMIN_SOCKET),
            request,
            lambda answer: self._loaded(answer, wanted, generation),
        )

    def _loaded(
        self, answer: bytes | None, wanted: Mapping[str, ssl.SSLContext], generation: int
    ) -> None:
        self._asking = None
        if self._caddy is None:
            return
        if answer is not None and is_loaded(answer):
            self._generation = generation
            self._have(wanted)
            return
        # It goes on with what it had.
        self._complain(f"Caddy refused its configuration: {(answer or b'nothing')[-500:]!r}")
        self._pause(monotonic())
        self._wake()

    def _have(self, wanted: Mapping[str, ssl.SSLContext]) -> None:
        self._held = wanted
        if any(wanted.get(host) is not context for host, context in self._asked.items()):
            self._bring_about()
        self._wake()

    def _wanted(self) -> dict[str, ssl.SSLContext]:
        self._asked = {host: made for host, made in self._asked.items() if self._known(host)}
        return dict(self._asked)

    def _config(self, wanted: Mapping[str, ssl.SSLContext], generation: int) -> dict[str, object]:
        return caddy_config((_secured(host) for host in wanted), self._port, generation)

    # Ending.

    def _hear(self, caddy: Spawned) -> None:
        for report in caddy.read_reports():
            if isinstance(report, Lost):
                shim.end_orphans()
            if isinstance(report, Gone | Lost):
                self._ended(caddy)

    def _ended(self, caddy: Spawned) -> None:
        self._loop.remove(caddy.channel_fd)
        caddy.close()
        self._caddy, self._held = None, {}
        now_s = monotonic()
        if now_s - self._begun_s > LONGEST_PAUSE_S:
            self._pause_s = FIRST_PAUSE_S
        self._pause(now_s)
        self._wake()

    def _pause(self, now_s: float) -> None:
        self._not_before_s = now_s + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _complain(self, what: str) -> None:
        sys.stderr.write(f"{what}\n")


def _secured(host: str) -> Secured:
    from hashlib import sha256

    path = leaf_path(host)
    return Secured(host, path, sha256(read_private(path) or b"").hexdigest())


def _program(path: str, directory: str) -> Program:
    own = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    return Program(
        argv=(path, "run", "--config", _CONFIG),
        env=(*((name, directory) for name in own), ("PATH", os.defpath)),
        directory=directory,
        stdio=Stdio.INHERITED,
        umask=_UMASK,
        stop_signal="KILL",  # it keeps nothing, and whoever has been using it is gone
        orphan_ms=0,
    )
