"""What becomes of a request, and what is said where it reaches nobody.

Plain HTTP to a service is relayed once its first head was checked. Each head is checked where
something is promised of each: over TLS, where the backend is told the scheme, and for guarded
services. Homeport's own pages take one request a connection.
"""

from __future__ import annotations

import re

from homeport.host.relaying.verdicts import Answer, Forward, Hold
from homeport.model.route import ServiceState
from homeport.run.gateway.origins import is_foreign, says_whence, site_of, within
from homeport.run.gateway.pages import REASONS, Page, rendered, wants_html
from homeport.run.gateway.routes import OWN_HOSTS, SUFFIX, RouteTable
from homeport.wire.client_hello import read_client_hello
from homeport.wire.http_request import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from homeport.host.relaying.verdicts import Verdict
    from homeport.model.route import Route
    from homeport.run.gateway.routes import Found
    from homeport.wire.http_request import Head

HOLD_MS = 30_000
HOLD_PAGE_MS = 1500
RETRY_MS = 100
_SERVES = (ServiceState.READY, ServiceState.UNHEALTHY)
_COMES = (ServiceState.STARTING, ServiceState.WAITING)
_RESTS = (ServiceState.STOPPED, ServiceState.DONE)
_FORWARDED = re.compile(rb"(?mi)^(?:x-forwarded-(?:for|proto|host|port)|forwarded):[^\n]*\n")


class GatewayPolicy:
    """The `Policy` of the gateway. `wanted` is told of a lazy service that somebody asks for."""

    def __init__(
        self,
        port: int,
        wanted: Callable[[Found], None],
        context_for: Callable[[str], ssl.SSLContext | None] | None = None,
    ) -> None:
        self.table: RouteTable = RouteTable()
        self._port = port
        self._wanted = wanted
        self._context_for = context_for
        self.http2: Callable[[str, int], Forward | Hold | None] | None = None
        """Tells who speaks HTTP/2 for a host to somebody who has waited so long."""

    # The engine's questions.

    def request(self, head: Head, secure: str | None, waited_ms: int) -> Verdict:
        """What becomes of a connection with this first request."""
        host = head.host
        if secure is not None and secure != host and not _own(secure, host):
            return self._say(_misdirected(host), head)
        if host in OWN_HOSTS:
            return self._own_page(head)
        if not host.endswith(SUFFIX):
            return self._say(_foreign_host(host), head)
        found = self.table.find(host.removesuffix(SUFFIX))
        if found is None:
            return self._unknown(host, head)
        return self._to_service(found, head, secure, waited_ms)

    def elsewhere(self, hello: bytes, waited_ms: int) -> Forward | Hold | None:
        """Who takes a TLS session: nobody but for a client of a web service that offers HTTP/2."""
        said = read_client_hello(hello) if self.http2 is not None else None
        if self.http2 is None or said is None or said.name is None or b"h2" not in said.protocols:
            return None
        return self.http2(said.name, waited_ms) if self.is_web(said.name) else None

    def is_web(self, host: str) -> bool:
        """Whether a service that speaks HTTP has that name."""
        found = self.table.find(host.removesuffix(SUFFIX)) if host.endswith(SUFFIX) else None
        return found is not None and found.route.scheme == "http"

    def stream(self, name: str, waited_ms: int) -> Verdict | None:
        """What becomes of a TLS connection to that name; None for a service that speaks HTTP."""
        found = self.table.find(name.removesuffix(SUFFIX))
        if found is None or found.route.scheme == "http":
            return None
        route = found.route
        if route.state in _SERVES:
            return Forward(route.address, route.port)
        if self._is_coming(found) and waited_ms < HOLD_MS:
            return Hold(HOLD_MS - waited_ms)
        why = f"the service {route.service} of {route.project} is {route.state}"
        return Answer(_unavailable(route, why))

    def context(self, name: str) -> ssl.SSLContext | None:
        """The certificate of a name that is known, with the protocol of its service."""
        if self._context_for is None:
            return None
        if name in OWN_HOSTS:
            return self._with_protocols(name, "http")
        found = self.table.find(name.removesuffix(SUFFIX)) if name.endswith(SUFFIX) else None
        # Certificates are kept on disk: a web page that asks for ever new names must not fill it.
        return self._with_protocols(name, found.route.scheme) if found is not None else None

    def refusal(self, refused: Refused) -> Answer:
        """What is said to a request that is not taken."""
        page = Page(refused.status, REASONS[refused.status], (refused.what,))
        return Answer(rendered(page, None, self._port))

    def unreachable(self, asked: Head | str, forward: Forward, waited_ms: int) -> Verdict:
        """The backend takes no connection although it is said to serve."""
        if waited_ms < HOLD_PAGE_MS:
            # It may have ended just now, and its supervisor is about to say so.
            return Hold(RETRY_MS)
        where = f"{forward.address}:{forward.port}"
        host = asked if isinstance(asked, str) else asked.host
        found = self.table.find(host.removesuffix(SUFFIX))
        if isinstance(asked, str):
            why = f"{where} takes no connection"
            return Answer(_unavailable(found.route, why) if found is not None else b"")
        told = found.route.told if found else ()
        lines = (
            f"The service is said to run, but {where} takes no connection.",
            f"homeport check http://{where} says why.",
        )
        page = Page(502, f"{host} does not answer", lines, told, retry_s=2, refresh=True)
        return self._say(page, asked)

    # Services.

    def _to_service(self, found: Found, head: Head, secure: str | None, waited_ms: int) -> Verdict:
        route = found.route
        if route.scheme != "http":
            return self._say(_not_http(route, self._port), head)
        if route.guarded and _from_elsewhere(head):
            return self._say(_FROM_ELSEWHERE, head)
        if route.state in _SERVES:
            return Forward(route.address, route.port, self._check(route, head, secure))
        if self._is_coming(found):
            hold_ms = HOLD_PAGE_MS if wants_html(head) else HOLD_MS
            if waited_ms < hold_ms:
                return Hold(hold_ms - waited_ms)
            return self._say(_starting(route, head.host), head)
        return self._say(_down(route, head.host), head)

    def _is_coming(self, found: Found) -> bool:
        if found.route.lazy and found.route.state in _RESTS:
            self._wanted(found)
            return True
        return found.route.state in _COMES

    def _check(
        self, route: Route, first: Head, secure: str | None
    ) -> Callable[[Head], bytes] | None:
        """What looks at each request of a connection, where one has to."""
        if secure is None and not route.guarded:
            return None
        host = first.host
        added = _forwarded_fields(first) if secure is not None else b""

        def check(head: Head) -> bytes:
            if head.host != host:
                raise Refused(421, "A connection leads to one host only.")
            if route.guarded and _from_elsewhere(head):
                raise Refused(403, _FROM_ELSEWHERE.lines[0])
            if not added:
                return head.raw
            clean = _FORWARDED.sub(b"", head.raw) if b"forwarded" in head.lowered else head.raw
            return clean[:-2] + added

        return check

    # Pages.

    def _say(self, page: Page, head: Head) -> Answer:
        return Answer(rendered(page, head, self._port))

    def _own_page(self, head: Head) -> Answer:
        if is_foreign(head, OWN_HOSTS.__contains__, same_site=False):
            return self._say(_FROM_ELSEWHERE, head)
        if head.method not in ("GET", "HEAD"):
            return self._say(
                Page(405, "Only GET and HEAD", ("There is nothing to send here.",)), head
            )
        if head.target.partition("?")[0] != "/":
            return self._say(Page(404, "There is no such page", ("The one page is /.",)), head)
        return self._say(Page(200, "Homeport", routes=self.table.all()), head)

    def _unknown(self, host: str, head: Head) -> Answer:
        near = self.table.near(host.removesuffix(SUFFIX))
        if near:
            lines = ("No service that runs has this name. Did you mean one of these?",)
            return self._say(Page(404, f"{host} is unknown", lines, links=near), head)
        names = tuple(route.names[0] for route in self.table.all() if route.scheme == "http")
        line = "No service that runs has this name. These have one:" if names else _NOTHING_RUNS
        return self._say(Page(404, f"{host} is unknown", (line,), links=names[:50]), head)

    def _with_protocols(self, name: str, scheme: str) -> ssl.SSLContext | None:
        context = self._context_for(name) if self._context_for is not None else None
        if context is not None:
            protocol = _PROTOCOLS.get(scheme)
            context.set_alpn_protocols([protocol] if protocol else [])
        return context


_PROTOCOLS = {"http": "http/1.1", "postgresql": "postgresql", "postgres": "postgresql"}
_NOTHING_RUNS = "No service runs. Start those of a project with: homeport up"
_FROM_ELSEWHERE = Page(
    403,
    "Pages of other sites may not do this",
    ("The request comes from a page of another site.",),
)


def _own(secure: str, host: str) -> bool:
    return secure in OWN_HOSTS and host in OWN_HOSTS


def _from_elsewhere(head: Head) -> bool:
    return says_whence(head) and is_foreign(head, within(site_of(head.host)))


def _forwarded_fields(head: Head) -> bytes:
    host = head.field("Host") or head.host
    return (
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        f"X-Forwarded-Host: {host}\r\n\r\n"
    ).encode("latin-1")


def _misdirected(host: str) -> Page:
    line = f"The connection was made to another name than {host}."
    return Page(421, "This connection leads elsewhere", (line,))


def _foreign_host(host: str) -> Page:
    lines = (f"{host} is no name under localhost, and no other is answered here.",)
    return Page(421, "This is not the server of that name", lines)


def _not_http(route: Route, port: int) -> Page:
    name = route.names[0]
    lines = (
        f"The service {route.service} of {route.project} speaks {route.scheme}.",
        f"With TLS it is reached at {route.scheme}://{name}{SUFFIX}:{port}",
    )
    return Page(421, f"{name}{SUFFIX} does not speak HTTP", lines)


def _starting(route: Route, host: str) -> Page:
    again = " again, after it ended" if route.state is ServiceState.WAITING else ""
    lines = (f"The service {route.service} of {route.project} is being started{again}.",)
    return Page(503, f"{host} is starting", lines, route.told, retry_s=1, refresh=True)


def _down(route: Route, host: str) -> Page:
    said = {
        ServiceState.STOPPED: "was stopped",
        ServiceState.STOPPING: "is being stopped",
        ServiceState.FAILED: "has failed, and is not started again",
        ServiceState.DONE: "has ended",
    }.get(route.state, str(route.state))
    lines = (
        f"The service {route.service} of {route.project} {said}.",
        (
            f"homeport logs {route.service} shows what it said, "
            f"homeport restart {route.service} starts it again."
        ),
    )
    return Page(503, f"{host} does not run", lines, route.told, retry_s=5, refresh=True)


def _unavailable(route: Route, why: str) -> bytes:
    if _PROTOCOLS.get(route.scheme) != "postgresql":
        return b""
    from homeport.wire.postgresql_start import not_now

    return not_now(why)
