"""Which name leads to which service: the routes of all supervisors in one table. Pure."""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.route import Route

SUFFIX = ".localhost"
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts of Homeport's own pages."""


class Found(NamedTuple):
    """A route, and the number of the supervisor that told it."""

    owner: int
    route: Route


class RouteTable:
    """Routes by name. A name belongs to the supervisor that told it first, until it is given up."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[Route, ...]] = {}
        self._by_name: dict[str, Found] = {}

    def replace(self, owner: int, routes: Sequence[Route]) -> tuple[str, ...]:
        """Takes these as all routes of one supervisor; gives the names that others have."""
        self._told[owner] = tuple(routes)
        kept = {name: found for name, found in self._by_name.items() if found.owner != owner}
        taken = [name for route in routes for name in route.names if name in kept]
        for route in routes:
            for name in route.names:
                kept.setdefault(name, Found(owner, route))
        self._by_name = kept
        if not routes:
            self._give_away()
        return tuple(taken)

    def remove(self, owner: int) -> None:
        """Forgets a supervisor; a name that another one wanted as well becomes its own."""
        self._told.pop(owner, None)
        self._by_name = {n: found for n, found in self._by_name.items() if found.owner != owner}
        self._give_away()

    def _give_away(self) -> None:
        for owner, routes in self._told.items():
            for route in routes:
                for name in route.names:
                    self._by_name.setdefault(name, Found(owner, route))

    def find(self, name: str) -> Found | None:
        """The route of a name, without `.localhost`."""
        return self._by_name.get(name)

    def all(self) -> tuple[Route, ...]:
        """Every route that is reached under a name, by project and service."""
        routes = {id(found.route): found.route for found in self._by_name.values()}
        return tuple(sorted(routes.values(), key=lambda each: (each.project, each.names)))

    def near(self, name: str) -> tuple[str, ...]:
        """Names that may have been meant, the likeliest first."""
        from difflib import get_close_matches

        # Known names alone are compared: the number is limited, and so is their length.
        return tuple(get_close_matches(name[:255], self._by_name, n=3, cutoff=0.6))
