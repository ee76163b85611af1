"""What a recipe is: how one known kind of server is run, without an edit to the project.

A recipe puts the port into the server's hands by flag, environment or descriptor, and makes it
listen on loopback only. It starts nothing itself: it says what to start.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

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


class Recipe(NamedTuple):
    """One kind of server.

    `launch` raises `NotFound` where a program is missing, and says exactly what to install.
    `finds` looks into a project's directory (absolute) for what this recipe runs, and gives the
    service as it would have been declared; None where there is nothing. Of several recipes that
    find something under one service name, that with the smallest `rank` wins. `images` are the
    names of container images (without registry and tag) that it stands in for. `options` names
    the keys of the service's own that it takes, each with what it does.
    """

    name: str
    what: str
    launch: Callable[[Place], Launch]
    finds: Callable[[str], Service | None] | None = None
    rank: int = 50
    images: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    database: Database | None = None
