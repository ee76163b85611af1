"""What an explanation says of Homeport's own: ports that it holds, its services, its gateway."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.explanation import NextStep
from homeport.model.home import SUFFIX, Home, service_words
from homeport.model.route import ServiceState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.home import Held
    from homeport.model.sockets import Listener
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.see.explain.view import View

_MOST_HOSTS = 12
_STATES = {
    ServiceState.STOPPED: "is stopped",
    ServiceState.STARTING: "is being started",
    ServiceState.READY: "is ready",
    ServiceState.UNHEALTHY: "runs and is not well",
    ServiceState.STOPPING: "is being stopped",
    ServiceState.WAITING: "has died and is about to be started again",
    ServiceState.FAILED: "has failed",
    ServiceState.DONE: "has ended",
}
_RUNS = (ServiceState.READY, ServiceState.UNHEALTHY, ServiceState.STARTING)


def state_words(service: ServiceStatus) -> str:
    """How a service is, as the end of a sentence: `has failed: ended with status 3`."""
    if service.state is ServiceState.STOPPED and service.lazy:
        return "starts when somebody asks for it"
    reason = f": {service.reason}" if service.reason else ""
    return f"{_STATES[service.state]}{reason}"


def is_gateway(view: View) -> bool:
    """Whether the target is Homeport's own gateway."""
    tcp = view.target.transport is not Transport.UDP
    return tcp and view.port in view.facts.home.gateway_ports


def held(view: View) -> Held | None:
    """The lease of the port that is asked about."""
    return view.facts.home.at(view.port, view.target.transport or Transport.TCP)


def told_of_server(view: View, listener: Listener) -> str | None:
    """What a listener is to Homeport, in a sentence."""
    if is_gateway(view):
        return _gateway(view)
    found = held(view)
    if found is None:
        return None
    if found.service is None or found.project is None:
        return f"The port is leased to {found.words}."
    if not _is_of(listener, found.service):
        return f"The port is leased to {found.words}, and this is another program."
    at = f", reached at {found.service.public_url}" if found.service.public_url else ""
    whose = f"{found.words}, which homeport up (pid {found.project.pid}) runs"
    return f"It is {whose}; it {state_words(found.service)}{at}."


def _is_of(listener: Listener, service: ServiceStatus) -> bool:
    """Whether a listener is held by a service's program or by what that has started."""
    if not listener.owners or service.pid is None:
        return True
    lines = [{each.pid, *(up.pid for up in each.ancestry or ())} for each in listener.owners]
    return any(service.pid in line for line in lines)


def told_of_hold(view: View) -> str | None:
    """For whom a port is held on which nobody listens, in a sentence."""
    found = held(view)
    if found is None:
        return None
    if found.service is None:
        who = f" (process {found.lease.pid})" if found.lease.pid else ""
        return f"It is held by a lease of {found.words}{who}."
    return f"It is held by a lease of {found.words}; the service {state_words(found.service)}."


def _gateway(view: View) -> str:
    home = view.facts.home
    own = "It is Homeport's gateway, which leads names under localhost to services."
    host = view.target.host
    if host is None or host == "localhost":
        return own
    found = home.behind(host)
    if found is not None:
        project, service = found
        at = f" at 127.0.0.1:{service.port}" if service.port else ""
        words = service_words(project, service)
        return f"{own} {host} leads to {words}{at}, which {state_words(service)}."
    meant = near(home, host)
    mean = f": did you mean {meant}{SUFFIX}?" if meant else "."
    return f"{own} No service that runs has the name {host}{mean}"


def near(home: Home, host: str) -> str | None:
    """The name at the gateway that may have been meant, without `.localhost`."""
    from difflib import get_close_matches

    name = host.rstrip(".").lower().removesuffix(SUFFIX)[:255]
    return next(iter(get_close_matches(name, home.hosts, n=1, cutoff=0.6)), None)


def home_notes(view: View) -> Iterator[str]:
    """The names that the gateway knows."""
    if not is_gateway(view):
        return
    services = [pair for pair in view.facts.home.services if pair[1].hosts]
    for project, service in services[:_MOST_HOSTS]:
        place = service.public_url or f"{service.hosts[0]}{SUFFIX}"
        yield f"{place} is {service_words(project, service)}; it {state_words(service)}."
    if len(services) > _MOST_HOSTS:
        yield f"{len(services) - _MOST_HOSTS} more services have a name: homeport ps --all"


def home_steps(view: View) -> Iterator[NextStep]:
    """What to do with a service: start it, stop it, read what it says."""
    home = view.facts.home
    found = held(view)
    pair = _behind_name(view) if is_gateway(view) else _service(found)
    if pair is None:
        if is_gateway(view):
            yield NextStep("homeport ps --all", "see all services")
        return
    project, service = pair
    if service.state not in _RUNS:
        yield NextStep(home.command("up", project, service), "start the service")
    if service.state is not ServiceState.STOPPED:
        yield NextStep(home.command("logs", project, service), "read what it says")
    if service.state in _RUNS:
        yield NextStep(home.command("stop", project, service), "stop it; if killed it starts again")


def _service(found: Held | None) -> tuple[ProjectStatus, ServiceStatus] | None:
    if found is None or found.project is None or found.service is None:
        return None
    return found.project, found.service


def _behind_name(view: View) -> tuple[ProjectStatus, ServiceStatus] | None:
    return None if view.target.host is None else view.facts.home.behind(view.target.host)
