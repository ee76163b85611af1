"""What an explanation calls things: processes, the holders of sockets, lists of them."""

from __future__ import annotations

from homeport.model.process import Certainty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.process import Process
    from homeport.model.sockets import Connection, Listener


def process_words(process: Process) -> str:
    """A process: its name, and in brackets its pid and where it belongs."""
    parts = [f"pid {process.pid}"]
    if process.project is not None:
        parts.append(f"project {process.project.name}")
    elif process.container is not None:
        parts.append(f"{process.container.runtime} {process.container.id[:12]}")
    elif process.unit is not None:
        parts.append(process.unit)
    return f"{process.name or 'a process'} ({', '.join(parts)})"


def owner_words(owners: tuple[Process, ...]) -> str:
    """The processes that hold one socket, as one thing: a verb in the singular fits."""
    if not owners:
        return "something"
    first = min(owners, key=lambda owner: (owner.start_ticks, owner.pid))
    more = len(owners) - 1
    if not more:
        return process_words(first)
    return f"{process_words(first)} with {more} more process{'es' if more > 1 else ''}"


def who(socket: Listener | Connection) -> str:
    """Who holds a socket, and how sure that is."""
    if not socket.owners:
        return _nobody(socket)
    guess = " (inferred)" if socket.certainty is Certainty.INFERRED else ""
    return f"{owner_words(socket.owners)}{guess}"


def _nobody(socket: Listener | Connection) -> str:
    if socket.certainty is Certainty.UNOWNED:
        return "a socket without a process"
    user = getattr(socket, "user", None) or (f"uid {socket.uid}" if socket.uid is not None else "")
    return f"a process of {user} that is hidden from you" if user else "a hidden process"


def capital(sentence: str) -> str:
    """The sentence with a capital, unless it begins with a name: `node` is not `Node`."""
    ours = ("a ", "port ", "something ", "one ")
    return sentence[:1].upper() + sentence[1:] if sentence.startswith(ours) else sentence


def listed(words: Iterable[str], limit: int = 3) -> str:
    """A list as people write it: `a, b and c`; `a, b, c and 4 more`."""
    items = list(dict.fromkeys(words))
    shown, rest = items[:limit], len(items) - limit
    if rest > 0:
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
