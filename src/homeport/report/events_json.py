"""`homeport/watch@1`, an event as a line of JSON, and the same as environment variables.

The schema is `schemas/watch-1.json`. Every field is written here by hand; this format only grows.
"""

from __future__ import annotations

from homeport.model.address import scope_of
from homeport.model.port import port_class
from homeport.report.ls_json import process_json, valid
from homeport.report.words import oldest_first, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.event import Event

SCHEMA = "homeport/watch@1"


def event_json(event: Event) -> str:
    """The event as one line."""
    from json import dumps

    return dumps(_event(event))


def _event(event: Event) -> dict[str, object]:
    endpoint = event.endpoint
    return {
        "schema": SCHEMA,
        "event": event.kind.value,
        "at": utc(event.at_ns),
        "transport": endpoint.transport.value,
        "address": endpoint.address,
        "port": endpoint.port,
        "interface": None if endpoint.interface is None else valid(endpoint.interface),
        "scope": scope_of(endpoint.address).value,
        "port_class": port_class(endpoint.port).value,
        "netns": event.netns,
        "inode": event.inode or None,
        "certainty": None if event.certainty is None else event.certainty.value,
        "owners": [process_json(owner) for owner in event.owners],
        "previous": [process_json(owner) for owner in event.previous],
    }


def event_environment(event: Event) -> dict[str, str]:
    """The event for a command of somebody's: `HOMEPORT_EVENT`, `HOMEPORT_PORT` and so on.

    What is not known is empty. The process is the first of the holders, as the tables show it.
    """
    first = next(iter(oldest_first(event.owners)), None)
    project = None if first is None else first.project
    values = {
        "EVENT": event.kind.value,
        "TIME": utc(event.at_ns),
        "TRANSPORT": event.endpoint.transport.value,
        "ADDRESS": event.endpoint.address,
        "PORT": event.endpoint.port,
        "INTERFACE": event.endpoint.interface,
        "PID": first and first.pid,
        "NAME": first and first.name,
        "USER": first and first.user,
        "CWD": first and first.cwd,
        "PROJECT": project and project.name,
    }
    return {
        f"HOMEPORT_{name}": "" if value is None else str(value) for name, value in values.items()
    }
