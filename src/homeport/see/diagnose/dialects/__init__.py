"""How a client of each kind speaks to its server: one file a protocol, which defines `DIALECT`.

What is said is what the client that the person has would say, and no more: a page is asked for
with GET, a database is logged in to with the credentials of the URL, or as far as that goes without
any. No command that changes anything is ever given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import Scope, scope_of
from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple
from homeport.model.target import is_localhost
from homeport.wire.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.client import Client
    from homeport.see.diagnose.case import Talk
    from homeport.wire.exchange import Conversation
    from homeport.wire.service_url import Service


class Dialect(NamedTuple):
    """The conversation of a protocol's client with the service, told as a `Talk`.

    `completed` adds to the service what such a client takes from its environment where the URL has
    nothing: a user's name. A password never comes from anywhere but the URL.
    """

    converse: Callable[[Service], Conversation[Talk]]
    completed: Callable[[Service, Client], Service] | None = None


def with_user(service: Service, who: Client, variable: str) -> Service:
    """The service with a user: of the URL, of a variable of the client's, or who that runs as."""
    from homeport.host.processes import user_name

    given = service.user or service.option("user") or who.environment.get(variable)
    return service._replace(user=given or user_name(who.uid))


def told_user(conversation: Conversation[Talk], service: Service, user: str) -> Conversation[Talk]:
    """A conversation that also tells as whom it went on, and repeats no secret.

    Servers quote what they do not understand, AUTH with its password among it.
    """
    talk = yield from conversation
    error = talk.error
    if error is not None:
        error = without_secret(service, error[0]), without_secret(service, error[1])
    return talk._replace(error=error, facts=(("user", user), *talk.facts))


def without_secret(service: Service, text: str) -> str:
    """Words of a server without the password of the URL, or the token that stands for a user."""
    token = service.user if service.scheme == "nats" and service.password is None else None
    for secret in filter(None, (service.password, service.option("password"), token)):
        text = text.replace(secret, MASK)
    return text


def is_this_machine(service: Service) -> bool:
    """Whether what is said stays within this machine by the name of the host alone."""
    host = service.host.partition("%")[0]
    try:
        return is_localhost(host) or scope_of(host) is Scope.LOOPBACK
    except (BadInput, ValueError):
        return False
