"""What a recipe is: how one known kind of server is run, without an edit to the project.

A recipe puts the port into the server's hands by flag, environment or descriptor, and makes it
listen on loopback only. It starts nothing itself: it says what to start.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.model.service import Check, Hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.service import Launch, Place, Service, Step


class Database(NamedTuple):
    """What can be done with the data of a running database; each is a program to be run.

    `shell` is interactive. `dump` writes all data to its standard output and `restore` reads what
    a dump wrote from its standard input. `reset` leaves it as it was when it was made.
    """

    shell: Callable[[Place], Step]
    dump: Callable[[Place], Step] | None = None
    restore: Callable[[Place], Step] | None = None
    reset: Callable[[Place], tuple[Step, ...]] | None = None


class Manner(NamedTuple):
    """How programs of one kind are told where to listen, whoever wrote their command line.

    `programs` are the names that it begins with, `subcommands` what has to follow, one of them.
    `marks` are texts of which the project's own file of that name, where there is one, has one.
    `arguments` are appended, where they win over what stands before; `env` is added. Where nothing
    wins over an address that is already there, `position` is a regular expression for it, and
    `positional` what takes its place (or is appended, for want of one). In all of these, `{host}`
    and `{port}` stand for the values. `ready` is None for: takes a connection.
    """

    programs: tuple[str, ...]
    subcommands: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    position: str | None = None
    positional: str = "{host}:{port}"
    hold: Hold = Hold.KEPT
    ready: Check | None = None


class Recipe(NamedTuple):
    """One kind of server.

    `launch` raises `NotFound` where a program is missing, and says exactly what to install.
    `finds` looks into a project's directory (absolute) for what this recipe runs, and gives the
    service as it would have been declared; None where there is nothing. Of several recipes that
    find something under one service name, that with the smallest `rank` wins. `images` are the
    names of container images (without registry and tag) that it stands in for. `options` names
    the keys of the service's own that it takes, each with what it does. `manner` is for command
    lines that somebody else wrote, and which run its program.
    """

    name: str
    what: str
    launch: Callable[[Place], Launch]
    finds: Callable[[str], Service | None] | None = None
    rank: int = 50
    images: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    database: Database | None = None
    manner: Manner | None = None
