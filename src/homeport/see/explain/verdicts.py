"""The answer in one or two sentences: what a person wanted to know when they asked."""

from __future__ import annotations

from homeport.model.address import scope_of
from homeport.model.endpoint import bracketed
from homeport.model.explanation import BindVerdict, Relation, Symptom
from homeport.see.explain.addresses import is_here, reach_of_listener
from homeport.see.explain.homes import told_of_hold, told_of_server
from homeport.see.explain.names import capital, listed, owner_words, who

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.sockets import Listener
    from homeport.see.explain.view import View


def verdict(view: View) -> str:
    """What is the matter with the target."""
    if view.target.host is not None and not view.target.addresses:
        return _another_host(view)
    if _is_elsewhere(view):
        return _another_machine(view)
    by_symptom = _BY_SYMPTOM.get(view.symptom) if view.symptom else None
    return by_symptom(view) if by_symptom else _plain(view)


def _another_host(view: View) -> str:
    return (
        f"{view.target.host} is a name that is not looked up here: "
        f"this is what is known of port {view.port} on this machine. {_plain(_port_only(view))}"
    )


def _port_only(view: View) -> View:
    return view._replace(target=view.target._replace(host=None), symptom=None)


def _is_elsewhere(view: View) -> bool:
    asked = [is_here(address, view.facts.addresses) for address in view.target.addresses]
    return bool(asked) and not any(each is not False for each in asked)


def _another_machine(view: View) -> str:
    address = view.target.address or ""
    where = f"{bracketed(address)} is not an address of this machine"
    if view.symptom in (Symptom.NO_SUCH_ADDRESS, Symptom.IN_USE, Symptom.NOT_PERMITTED):
        return f"{where}: no program here can bind it."
    if view.outgoing:
        whose = listed(who(each.connection) for each in view.outgoing)
        return f"{where}. Connected to {view.name} from here: {whose}."
    return f"{where}: what listens there cannot be seen from here."


def _plain(view: View) -> str:
    if view.serving:
        return _served(view)
    return _unserved(view)


def _served(view: View) -> str:
    first = view.serving[0]
    places = listed(_place(each) for each in view.serving)
    sentence = f"{_they(view)} on {places}."
    if first.behind is not None:
        sentence = f"{sentence} {_behind(first)}"
    if own := told_of_server(view, first):
        sentence = f"{sentence} {own}"
    return f"{sentence} {reach_of_listener(first, view.facts.addresses)}"


def _they(view: View, adverb: str = "") -> str:
    """Those who serve, and what they do: `nginx (pid 812) listens`, `a and b still listen`."""
    holders = sorted({who(each) for each in view.serving})
    return f"{listed(holders)} {adverb}{'listen' if len(holders) > 1 else 'listens'}"


def _place(listener: Listener) -> str:
    prefix = "UDP " if listener.endpoint.transport == "udp" else ""
    return f"{prefix}{listener.endpoint}"


def _behind(listener: Listener) -> str:
    behind = listener.behind
    if behind is None:
        return ""
    if behind.container is not None:
        real = f"container {behind.container.id[:12]} ({behind.container.runtime})"
    else:
        real = behind.unit or owner_words(behind.owners)
    place = f" at {behind.endpoint}" if behind.endpoint else ""
    return f"That is only {behind.kind}: the service behind it is {real}{place}."


def _unserved(view: View) -> str:
    """Why nothing answers there, the nearest thing that could be meant first."""
    nobody = f"Nothing listens on {view.name}"
    if hold := told_of_hold(view):
        return f"{nobody}. {hold}"
    if other := view.related(Relation.OTHER_FAMILY, Relation.OTHER_ADDRESS):
        return f"{nobody}, but {_others(other)}."
    if elsewhere := view.related(Relation.OTHER_NAMESPACE):
        return f"{nobody} in this network namespace, but in another one {_others(elsewhere)}."
    if other := view.related(Relation.OTHER_TRANSPORT):
        return f"{nobody}, but {_others(other)}."
    if view.facts.bound:
        idle = owner_words(view.facts.bound[0].owners)
        return f"{nobody}, but {idle} is bound to it and does nothing."
    if view.outgoing:
        return f"{nobody}: {_outgoing(view)}."
    if view.lingering:
        return f"{nobody} any more: {_count(len(view.lingering))} in TIME-WAIT {_remind(view)}."
    return f"{nobody}.{_past(view)}"


def _others(listeners: tuple[Listener, ...]) -> str:
    by_holder: dict[str, list[str]] = {}
    for each in listeners:
        by_holder.setdefault(who(each), []).append(_place(each))
    return listed(f"{holder} listens on {listed(at)}" for holder, at in by_holder.items())


def _outgoing(view: View) -> str:
    first = view.outgoing[0]
    connection = first.connection
    far = f", which is {owner_words(first.processes)}" if first.processes else ""
    if connection.local_port == view.port:
        use = "uses the port as its end of a connection to"
        return f"{who(connection)} {use} {connection.remote}{far}"
    return f"{who(connection)} is connected to it"


def _count(number: int) -> str:
    return "one connection" if number == 1 else f"{number} connections"


def _remind(view: View) -> str:
    return "reminds of it" if len(view.lingering) == 1 else "remind of it"


def _past(view: View) -> str:
    """Who had it last, as the history has it."""
    past = view.facts.history
    if not past:
        return ""
    last = past[0]
    name = f"{last.name or 'a process'}" + (f" (pid {last.pid})" if last.pid else "")
    project = f" of project {last.project}" if last.project else ""
    return f" The last that had it was {name}{project}."


def _refused(view: View) -> str:
    if view.serving:
        return (
            f"{_they(view)} on {view.name} now, so a new attempt from here gets through: "
            "it was not up yet, or the refused client runs in a container, where the loopback "
            "addresses are the container's own."
        )
    families = view.related(Relation.OTHER_FAMILY)
    if families and all(scope_of(each) == "loopback" for each in view.target.addresses):
        went = "IPv6" if ":" in (view.target.address or "") else "IPv4"
        return (
            f"{_unserved(view)} The client went to {went}: `localhost` stands for both ::1 and "
            "127.0.0.1, and the server is on the other one only."
        )
    return f"{_unserved(view)} That is why the connection was refused."


def _in_use(view: View) -> str:
    asked = view.target.addresses or ("0.0.0.0", "::")
    answers = [each for each in view.binding if each.address in asked]
    taken = next((each for each in answers if each.plain is not BindVerdict.FREE), None)
    if taken is None:
        return f"{capital(view.name)} is free now: whoever had it has gone.{_past(view)}"
    hold = None if view.here else told_of_hold(view)
    if hold is not None:
        return f"{capital(view.name)} is taken: {hold[:1].lower()}{hold[1:]}"
    if taken.plain is BindVerdict.TAKEN:
        return f"{capital(view.name)} is taken: {taken.why}.{_REUSE.get(taken.reuse_address, '')}"
    return f"{capital(view.name)} cannot be bound: {taken.why}."


_REUSE = {
    BindVerdict.FREE: " No program listens there: with SO_REUSEADDR the server can start at once.",
    BindVerdict.DEPENDS: (
        " No program listens there: with SO_REUSEADDR the server can start at once if the socket "
        "that holds the port has set it, too, as those of most servers have."
    ),
}


def _debugger(view: View) -> str:
    if view.serving:
        return f"The debug session has ended, yet {_served(view)}"
    return (
        f"Nothing listens on {view.name} any more, and that is as it should be: it was the door of "
        "one debug session, on a port chosen for it alone, and the line only says that the "
        f"debugged program has ended or the debugger let it go.{_past(view)}"
    )


def _cut(view: View) -> str:
    if not view.serving:
        return f"{_unserved(view)} Whoever was at the other end has ended, perhaps in a crash."
    return (
        f"{_they(view, 'still ')} on {view.name}: the server, or something between, cut this one "
        "connection. Its log should say why."
    )


def _timed_out(view: View) -> str:
    full = [each for each in view.serving if each.room and each.queue >= each.room]
    if full:
        return (
            f"{who(full[0])} listens on {view.name} but does not take its connections: "
            f"{full[0].queue} wait, and there is room for {full[0].room}. "
            "It hangs or is overloaded."
        )
    if view.serving:
        return f"{_served(view)} It accepts connections, and may be slow to answer."
    return f"{_unserved(view)} On this machine that is refused and not dropped: a firewall may be."


def _not_permitted(view: View) -> str:
    answers = [each for each in view.binding if each.plain is BindVerdict.NOT_PERMITTED]
    if answers:
        return f"{capital(view.name)} is not for this user: {answers[0].why}."
    return (
        f"This user may bind {view.name} as far as the port goes; the program that was refused "
        "may run as another user, or with fewer rights."
    )


def _no_such_address(view: View) -> str:
    return (
        f"The address of {view.name} is there. A server that could not bind it may run in a "
        "container that lacks the address (often ::1); a client that could not connect has used "
        "up the ports that the kernel assigns."
    )


_BY_SYMPTOM: dict[Symptom, Callable[[View], str]] = {
    Symptom.REFUSED: _refused,
    Symptom.IN_USE: _in_use,
    Symptom.DEBUGGER_GONE: _debugger,
    Symptom.RESET: _cut,
    Symptom.CLOSED: _cut,
    Symptom.TIMED_OUT: _timed_out,
    Symptom.NOT_PERMITTED: _not_permitted,
    Symptom.NO_SUCH_ADDRESS: _no_such_address,
}


def brief(view: View) -> str:
    """The verdict on another endpoint of the same text, in one short sentence."""
    if _is_elsewhere(view):
        return "not an address of this machine"
    if view.serving:
        return f"{who(view.serving[0])} listens there"
    if view.outgoing and view.outgoing[0].connection.local_port == view.port:
        return _outgoing(view)
    return "nothing listens there"
