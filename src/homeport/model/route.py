"""Routes: under which name the gateway reaches which service."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple


class ServiceState(StrEnum):
    """What a service is doing, as people are told.

    STOPPED: not started, or ended by request. STARTING: being prepared, or not ready yet. READY:
    serves. UNHEALTHY: runs, and fails its health check. STOPPING: was asked to end. WAITING: for
    its next start, after it died. FAILED: given up. DONE: ended by itself, with success.
    """

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    UNHEALTHY = "unhealthy"
    STOPPING = "stopping"
    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"


class Route(NamedTuple):
    """A service, as the gateway knows it.

    `names` are hosts without `.localhost`: `api.shop`, `api.feature-x.shop`. `scheme` is `http`
    for what is routed by the Host header; anything else is reached by the name in a TLS hello
    (SNI). A `lazy` service is started by the first who asks for it. Of a `guarded` one each request
    is looked at: pages of other sites may not send any. `told` are lines for the page that is shown
    while it is not ready: its last output, and what the check says.
    """

    names: tuple[str, ...]
    project: str
    service: str
    address: str
    port: int
    state: ServiceState
    scheme: str = "http"
    lazy: bool = False
    guarded: bool = False
    told: tuple[str, ...] = ()
