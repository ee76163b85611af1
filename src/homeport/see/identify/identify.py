"""Finds out what listeners speak: all of them at once, within one budget of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.identify.catalog import protocols, web_products
from homeport.see.identify.conversation import conversation, datagrams, identity_of
from homeport.see.identify.suspects import suspicion
from homeport.see.identify.web import with_product

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.identity import Identity
    from homeport.model.snapshot import Namespace
    from homeport.model.sockets import Listener
    from homeport.see.identify.conversation import Answer
    from homeport.see.identify.suspects import Suspicion
    from homeport.wire.exchange import Conversation

BUDGET_S = 1.2
"""How long all conversations may take together."""


def identify(
    listeners: Sequence[Listener], namespaces: Iterable[Namespace]
) -> tuple[Identity | None, ...]:
    """What each listener speaks, None where nothing points at anything.

    Connects to every one of them but those that a connection would harm; see `suspects`. Takes
    `BUDGET_S` seconds at most. Needs no privileges but, for listeners in another network
    namespace, those to enter it.
    """
    known = protocols()
    suspicions = [suspicion(each, known) for each in listeners]
    asked = [
        (listener, each)
        for listener, each in zip(listeners, suspicions, strict=True)
        if each.harm is None
    ]
    answers = dict(zip((id(each) for _, each in asked), _ask(asked, namespaces), strict=True))
    return tuple(
        _identity(listener, each, answers.get(id(each)))
        for listener, each in zip(listeners, suspicions, strict=True)
    )


def _ask(
    asked: Sequence[tuple[Listener, Suspicion]], namespaces: Iterable[Namespace]
) -> list[Answer | None]:
    from homeport.host.talking import Place, converse

    places = {each.inode: each for each in namespaces}
    calls = [
        (Place(listener.endpoint, places.get(listener.netns)), _conversation(listener, each))
        for listener, each in asked
    ]
    return converse(calls, BUDGET_S)


def _conversation(listener: Listener, suspected: Suspicion) -> Conversation[Answer | None]:
    if listener.backlog is None:  # UDP
        return datagrams(suspected)
    return conversation(suspected, protocols())


def _identity(listener: Listener, suspected: Suspicion, answer: Answer | None) -> Identity | None:
    found = identity_of(answer, suspected)
    data = b"" if answer is None else answer.data
    return with_product(found, listener, data, web_products())
