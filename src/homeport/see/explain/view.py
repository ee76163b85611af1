"""What the sentences of an explanation are made from, and the names that they use for things."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.explanation import (
    BindAnswer,
    Client,
    FoundListener,
    Lingering,
    Relation,
    Symptom,
)
from homeport.model.record import NamedTuple
from homeport.see.explain.relations import connections_of, found_listeners, lingering
from homeport.see.explain.subject import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener
    from homeport.model.target import Target
    from homeport.see.explain.facts import Facts


class View(NamedTuple):
    """One target, and everything on this machine that has to do with it."""

    target: Target
    symptom: Symptom | None
    found: tuple[FoundListener, ...]
    clients: tuple[Client, ...]
    outgoing: tuple[Client, ...]
    lingering: tuple[Lingering, ...]
    binding: tuple[BindAnswer, ...]
    facts: Facts

    @property
    def name(self) -> str:
        """The target in words."""
        return describe(self.target)

    @property
    def port(self) -> int:
        """The port, 0 where none is known."""
        return self.target.port or 0

    @property
    def serving(self) -> tuple[Listener, ...]:
        """The listeners that answer at the target; TCP only where there is one and none is asked.

        A listener on UDP says nothing to somebody whose TCP connection failed.
        """
        found = [each.listener for each in self.found if each.serves]
        if self.target.transport is None:
            tcp = [each for each in found if each.endpoint.transport is not Transport.UDP]
            found = tcp or (found if self.symptom is None else [])
        return tuple(found)

    @property
    def here(self) -> tuple[Listener, ...]:
        """The listeners of the port in the caller's network namespace, on whatever address."""
        elsewhere = Relation.OTHER_NAMESPACE
        return tuple(each.listener for each in self.found if each.relation is not elsewhere)

    def related(self, *relations: Relation) -> tuple[Listener, ...]:
        """The listeners that stand in one of these relations to the target."""
        return tuple(each.listener for each in self.found if each.relation in relations)


def view_of(target: Target, symptom: Symptom | None, snapshot: Snapshot, facts: Facts) -> View:
    """Looks up in a snapshot what has to do with a target that has a port."""
    from homeport.see.explain.doors import bind_answers

    found = found_listeners(snapshot, target)
    served = any(each.relation is not Relation.OTHER_NAMESPACE for each in found)
    clients, outgoing = connections_of(
        snapshot, target, served=served, own_addresses=facts.addresses
    )
    return View(
        target=target,
        symptom=symptom,
        found=found,
        clients=clients,
        outgoing=outgoing,
        lingering=lingering(snapshot, target),
        binding=bind_answers(snapshot, target, facts),
        facts=facts,
    )
