"""What a server said no with, in its own protocol, and the sentences that tell of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.model.sockets import TcpState
from homeport.see.diagnose.words import listener_words, process_words, quoted
from homeport.see.explain.names import listed

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_MOST_WORDS = 240
_SECURED = {"rediss": "redis", "amqps": "amqp", "mqtts": "mqtt"}


class Refusal(NamedTuple):
    """A server's no: the code of its protocol, and its text."""

    code: str
    text: str

    def says(self, *words: str) -> bool:
        """Whether any of the words is in the text, in whatever case."""
        return any(word.lower() in self.text.lower() for word in words)


def spoken(case: Case) -> str | None:
    """The protocol of the conversation: that of the URL, or what was found out."""
    scheme = case.service.scheme
    if scheme is not None:
        return _SECURED.get(scheme, scheme)
    return None if case.talk is None else case.talk.fact("spoken")


def refusal(case: Case, protocol: str, *codes: str) -> Refusal | None:
    """The refusal, if it is of this protocol, and has one of the codes where any are given."""
    error = None if case.talk is None else case.talk.error
    if error is None or spoken(case) != protocol or (codes and error[0] not in codes):
        return None
    return Refusal(*error)


def told_refusal(case: Case, *more: str) -> tuple[str, ...]:
    """Both sides: who was reached, what it said, and more."""
    talk = case.talk
    said = [] if talk is None or talk.error is None else [_said(*talk.error)]
    return (*told_connection(case), *said, *more)


def _said(code: str, text: str) -> str:
    return f"the server said {code}: {quoted(text, _MOST_WORDS)}"


def told_connection(case: Case) -> tuple[str, ...]:
    """Who took the connection."""
    reached = case.connected
    if reached is None:
        return ()
    held = "" if case.listener is None else f": {listener_words(case.listener)}"
    return (f"{reached.told}{held}",)


def asked_as(case: Case) -> str:
    """The user that was logged in as, in words."""
    if spoken(case) == "nats" and case.service.user and case.service.password is None:
        return "whoever has the token of the URL"
    user = None if case.talk is None else case.talk.fact("user")
    given = case.service.option("user") or case.service.user
    if given:
        return f"the user {given} of the URL"
    return f"the user {user}, for want of one in the URL" if user else "no user"


def told_clients(case: Case) -> tuple[str, ...]:
    """How many connections the port has, and which processes of this machine have them."""
    snapshot = case.after or case.snapshot
    own = case.own_netns
    open_ = [
        each
        for each in snapshot.connections
        if each.remote_port == case.port
        and each.state is TcpState.ESTABLISHED
        and (not own or each.netns in own)
    ]
    by = Counter(process_words(owner) for each in open_ for owner in each.owners[:1])
    if not open_:
        return ()
    most = [f"{count} of {name}" for name, count in by.most_common()]
    whose = f": {listed(most)}" if most else ""
    return (f"{len(open_)} connections of clients here to port {case.port} are open{whose}",)


def place_of_data(case: Case) -> str | None:
    """The directory in which the server works: for PostgreSQL that of its data."""
    owners = () if case.listener is None else case.listener.owners
    return next((each.cwd for each in owners if each.cwd and each.cwd != "/"), None)
