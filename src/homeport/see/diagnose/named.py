"""A service that is meant by its name, or by a pasted line: to what a client would be given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from homeport.host.kernel import services_file
from homeport.host.project_files import declared_services
from homeport.model.errors import BadInput, NotFound
from homeport.model.home import is_within, service_words
from homeport.model.snapshot import Query
from homeport.model.target import SCHEME_PORTS
from homeport.see.diagnose.case import NO_HOME
from homeport.see.explain.explain import subject_of
from homeport.see.explain.subject import read
from homeport.see.snapshot import take
from homeport.wire.service_url import KNOWN_SCHEMES, Service, parse_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.home import Home
    from homeport.model.snapshot import Snapshot
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.model.target import Target
    from homeport.see.explain.subject import Reading

    UrlOf = Callable[[ProjectStatus, ServiceStatus], str | None]

_CONNECT_TO = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def service_meant(
    text: str, error: BadInput, home: Home = NO_HOME, url_of: UrlOf | None = None
) -> Service:
    """The service that a name stands for, or that a pasted text complains of.

    `shop:web` is a service that Homeport runs. A name is looked up among those that it runs for
    this project, then among what the files of this project declare, then among the services that
    are registered, then among the processes, projects and units that listen here. `error` says why
    the text is neither URL nor endpoint; it, or a better one, is raised where nothing is found.
    """
    found = _run_here(text.strip(), home, url_of) or _declared(text.strip())
    if found is not None:
        return found
    try:
        reading = read(text)
    except (BadInput, NotFound):
        raise error from None
    found = _named(reading) if reading.name else _complained_of(reading)
    if found is None:
        raise error
    return found


def _run_here(name: str, home: Home, url_of: UrlOf | None) -> Service | None:
    """A service that Homeport runs, of this project or with its project's name before it."""
    pairs = [
        pair
        for pair in home.named(name, home.directory)
        if ":" in name or is_within(home.directory, pair[0].root)
    ]
    if not pairs:
        return None
    if len(pairs) > 1:
        roots = ", ".join(project.root for project, _ in pairs)
        raise BadInput(
            f"{name} runs in several directories",
            why=f"in {roots}",
            next_step="do it in one of them",
        )
    project, service = pairs[0]
    if service.url is None:
        raise BadInput(
            f"{service_words(project, service)} listens nowhere: it is a worker",
            next_step=home.command("logs", project, service),
        )
    url = url_of(project, service) if url_of is not None else None
    return _of_url(url or service.url)


def _of_url(url: str) -> Service:
    """What a client is given; of a scheme that nobody knows here the place is enough."""
    service = parse_service(url)
    return service if service.scheme in KNOWN_SCHEMES else service._replace(scheme=None)


def _declared(name: str) -> Service | None:
    declared, _ = declared_services(os.getcwd())
    for each in declared:
        if each.name.lower() == name.lower():
            return parse_service(each.target)
    return None


def _complained_of(reading: Reading) -> Service | None:
    """What a line speaks of; a single word was meant as an endpoint, and is none."""
    if " " not in reading.asked:
        return None
    target = next((each.target for each in reading.mentions if each.target is not None), None)
    return None if target is None or target.port is None else _of_target(target)


def _named(reading: Reading) -> Service:
    snapshot = take(Query(connections=False, unix=False))
    try:
        target = subject_of(reading, snapshot, services_file()).target
    except NotFound as missing:
        raise BadInput(missing.what, why=missing.why, next_step=missing.next_step) from missing
    if target is None or target.port is None:
        raise BadInput(
            f"{reading.name} listens on several ports",
            next_step=f"homeport explain {reading.name} shows them: name one",
        )
    if reading.name in SCHEME_PORTS:
        return parse_service(f"{reading.name}://{_address(snapshot, target.port)}:{target.port}")
    return parse_service(f"{_address(snapshot, target.port)}:{target.port}")


def _address(snapshot: Snapshot, port: int) -> str:
    """Where the listener of a port is to be reached; `localhost` where there is none."""
    own = {each.inode for each in snapshot.namespaces if each.own}
    for each in snapshot.listeners:
        if each.endpoint.port == port and (not own or each.netns in own):
            address = _CONNECT_TO.get(each.endpoint.address, each.endpoint.address)
            return f"[{address}]" if ":" in address else address
    return "localhost"


def _of_target(target: Target) -> Service:
    place = str(target) if target.host or target.address else f"localhost:{target.port}"
    return parse_service(f"{target.scheme}://{place}" if target.scheme else place)
