"""What a store of authorities is, and what a client is: one file each says it, with data.

A store never changes anything itself: it says which steps are to be taken.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.errors import HomeportError
    from homeport.model.trust import AuthorityFacts, Deed


class Entry(NamedTuple):
    """An authority in one place of a store. `made` says that the place was made for it."""

    store: str
    place: str
    name: str
    fingerprint: str
    made: bool = False


class Store(NamedTuple):
    """A kind of place in which clients look for authorities.

    `places` are those on this machine that this user's clients read, each with whether it has to
    be made first. `holds` says whether an authority is trusted there, `remains` whether anything is
    there on its behalf, as after a change that was cut short. `obstacle` is what keeps this
    user from changing a place; its next step is the command that would do it.
    """

    id: str
    what: str
    places: Callable[[], tuple[tuple[str, bool], ...]]
    holds: Callable[[Entry], bool]
    remains: Callable[[Entry], bool]
    add: Callable[[Entry, AuthorityFacts], tuple[Deed, ...]]
    take_out: Callable[[Entry], tuple[Deed, ...]]
    obstacle: Callable[[Entry, tuple[Deed, ...]], HomeportError | None]


class Trial(NamedTuple):
    """A server that a client is sent to.

    The client has to reach `host` at 127.0.0.1 and `port`, and ask for `url`. `scratch` is a
    directory of its own, deleted afterwards. At the address `nowhere` (127.0.0.1:PORT) nobody
    listens: what a browser says to its makers goes there.
    """

    host: str
    port: int
    scratch: str
    nowhere: str

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"https://{self.host}:{self.port}/"


class Attempt(NamedTuple):
    """How a client is made to ask for the page.

    `env` is added to its environment. `program` is the client itself where something else starts
    it. Where it prints `absent` it was not installed after all.
    """

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    program: str | None = None
    absent: str | None = None


def at_home_in(trial: Trial, program: str) -> tuple[tuple[str, str], ...]:
    """An environment in which a browser leaves nothing in the user's home directory.

    One in a snap starts with its own home only.
    """
    if program.startswith("/snap/"):
        return ()
    places = {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache", "XDG_DATA_HOME": ".local"}
    within = ((name, f"{trial.scratch}/{below}") for name, below in places.items())
    return (("HOME", trial.scratch), ("XDG_RUNTIME_DIR", trial.scratch), *within)


class Client(NamedTuple):
    """A program that verifies certificates.

    `attempt` is None where it is not installed. `heeds` are the variables of the environment by
    which it takes an authority; a client without any is tried with its stores only. `store` names
    that in which it looks, `remedy` what helps where that is not enough.
    """

    id: str
    what: str
    attempt: Callable[[Trial], Attempt | None]
    heeds: tuple[str, ...] = ()
    store: str | None = None
    remedy: str | None = None
    rank: int = 50
