"""What has to be done when the declaration of a running project has changed."""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.wire.references import references_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Declaration, Service


class Changes(NamedTuple):
    """Names of services, each in one list.

    `stop` are declared no more, `start` are new, `restart` run differently now. The processes of
    `adjust` go on: only how they are looked after changes (checks, restart policy, names, …).
    `same` have nothing to do with it.
    """

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    adjust: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


_OF_THE_PROCESS = (
    "directory", "run", "recipe", "port", "has_port", "needs", "env", "user", "limits", "options",
)  # fmt: skip
"""What only a new process can have. `needs` are of it for what they hand out."""

_OF_THE_FACTS = ("recipe", "port", "has_port", "options")
"""What others may know of a service, by its facts."""

_ELSEWHERE = ("name", "source")
"""What says nothing about how it runs; the line in the file changes with each line above it."""


def changed(old: Declaration, new: Declaration) -> Changes:
    """What to do so that what runs is what `new` declares.

    A service that has changed starts again, and with it those that need it if what they know of
    it has changed, too: its port, its recipe, its options. Where the project is called something
    else, or all get other variables, all start again.
    """
    before = {service.name: service for service in old.services}
    after = {service.name: service for service in new.services}
    both = [name for name in after if name in before]
    restart = set(both) if _for_all(old, new) else _differing(before, after, both)
    restart |= _knowing(before, after, both)
    rest = [name for name in both if name not in restart]
    adjust = [name for name in rest if _differs(before[name], after[name], _all_but_source(after))]
    return Changes(
        stop=tuple(name for name in before if name not in after),
        start=tuple(name for name in after if name not in before),
        restart=tuple(name for name in both if name in restart),
        adjust=tuple(adjust),
        same=tuple(name for name in rest if name not in adjust),
    )


def _for_all(old: Declaration, new: Declaration) -> bool:
    names = ("root", "name", "branch", "env", "dotenv")
    return any(getattr(old, name) != getattr(new, name) for name in names)


def _differing(before: dict[str, Service], after: dict[str, Service], names: list[str]) -> set[str]:
    return {name for name in names if _differs(before[name], after[name], _OF_THE_PROCESS)}


def _knowing(before: dict[str, Service], after: dict[str, Service], names: list[str]) -> set[str]:
    """Those that need, or refer to, a service of which something else is known now."""
    moved = {name for name in names if _differs(before[name], after[name], _OF_THE_FACTS)}
    return {name for name in names if moved & {*after[name].needs, *_referred(after[name])}}


def _referred(service: Service) -> set[str]:
    return set(references_in(service.run or "")) | {
        name for _, value in service.env for name in references_in(value)
    }


def _differs(before: Service, after: Service, fields: tuple[str, ...]) -> bool:
    return any(getattr(before, field) != getattr(after, field) for field in fields)


def _all_but_source(services: dict[str, Service]) -> tuple[str, ...]:
    first = next(iter(services.values()))
    return tuple(field for field in first._fields if field not in _ELSEWHERE)
