"""A service that is meant by its name, or by a pasted line: to what a client would be given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from homeport.host.kernel import services_file
from homeport.host.project_files import declared_services
from homeport.model.errors import BadInput, NotFound
from homeport.model.snapshot import Query
from homeport.model.target import SCHEME_PORTS
from homeport.see.explain.explain import subject_of
from homeport.see.explain.subject import read
from homeport.see.snapshot import take
from homeport.wire.service_url import Service, parse_service

if TYPE_CHECKING:
    from homeport.model.snapshot import Snapshot
    from homeport.model.target import Target
    from homeport.see.explain.subject import Reading

_CONNECT_TO = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def service_meant(text: str, error: BadInput) -> Service:
    """The service that a name stands for, or that a pasted text complains of.

    A name is looked up among what the files of this project declare, then among the services that
    are registered, then among the processes, projects and units that listen here. `error` says why
    the text is neither URL nor endpoint; it, or a better one, is raised where nothing is found.
    """
    found = _declared(text.strip())
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
