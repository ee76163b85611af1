"""In which order services start: what one needs comes before it, and nothing needs itself."""

from __future__ import annotations

from homeport.model.errors import BadInput
from homeport.wire.references import references_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from homeport.model.service import Service


def order(services: Sequence[Service]) -> tuple[tuple[Service, ...], ...]:
    """The services in levels: those of one need only such of the levels before it.

    Raises `BadInput` where a need is unknown, or leads back to where it began.
    """
    needs = {service.name: set(service.needs) for service in services}
    _refuse_unknown(services, needs)
    if (circle := cycle_in(needs)) is not None:
        raise BadInput(
            f"services need each other: {' -> '.join(circle)}",
            next_step="take one of these needs out",
        )
    return _levels(services, needs)


def _levels(
    services: Sequence[Service], needs: Mapping[str, set[str]]
) -> tuple[tuple[Service, ...], ...]:
    """By how many services, at the most, lie before each."""
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in needs.items():
        for each in wanted:
            needed_by[each].append(name)
    missing = {name: len(wanted) for name, wanted in needs.items()}
    levels, ready = [], [name for name, count in missing.items() if not count]
    while ready:
        levels.append(frozenset(ready))
        following = [each for name in ready for each in needed_by[name]]
        for name in following:
            missing[name] -= 1
        ready = [name for name in dict.fromkeys(following) if not missing[name]]
    level_of = {name: number for number, level in enumerate(levels) for name in level}
    sorted_out: list[list[Service]] = [[] for _ in levels]
    for service in services:
        sorted_out[level_of[service.name]].append(service)
    return tuple(map(tuple, sorted_out))


def _refuse_unknown(services: Sequence[Service], names: Container[str]) -> None:
    for service in services:
        for need in service.needs:
            if need not in names:
                what = f"{service.source}: {service.name} needs `{need}`"
                raise BadInput(what, why="there is no such service")


def cycle_in(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...] | None:
    """A way that leads back to its beginning: `("a", "b", "a")`; None where there is none."""
    done: set[str] = set()
    for start in needs:
        if start in done:
            continue
        path = [start]
        on_path = {start: iter(sorted(needs[start]))}
        while path:
            following = next(on_path[path[-1]], None)
            if following is None:
                done.add(path[-1])
                del on_path[path.pop()]
            elif following in on_path:
                return (*path[path.index(following) :], following)
            elif following not in done and following in needs:
                path.append(following)
                on_path[following] = iter(sorted(needs[following]))
    return None


def with_implied_needs(
    services: Iterable[Service], everywhere: Iterable[tuple[str, str]]
) -> tuple[Service, ...]:
    """The services, each needing also those that it refers to.

    `everywhere` are the variables of every service. What they refer to is needed by every service
    but those themselves, and what those need: a database must not wait for who uses it. Where two
    refer to each other, as a page and its API do, only the first one waits: all that can be
    referred to is known before anything starts.
    """
    services = _with_own(services)
    names = {service.name for service in services}
    shared = {name for _, value in everywhere for name in references_in(value)} & names
    before = reached(shared, {service.name: service.needs for service in services})
    return tuple(
        service
        if service.name in before
        else service._replace(needs=tuple(dict.fromkeys((*service.needs, *sorted(shared)))))
        for service in services
    )


def _with_own(services: Iterable[Service]) -> list[Service]:
    """Each with what its own texts refer to, unless that one waits for it already."""
    by_name = {service.name: service for service in services}
    needs = {name: service.needs for name, service in by_name.items()}
    for name, service in by_name.items():
        referred = {each for text in texts_of(service) for each in references_in(text)}
        for each in sorted(referred - {name, *needs[name]}):
            if name not in reached([each], needs):
                needs[name] = (*needs[name], each)
    return [service._replace(needs=needs[name]) for name, service in by_name.items()]


def texts_of(service: Service) -> list[str]:
    """Everything of a service that may hold references."""
    checks = [check.value for check in (service.ready, service.health) if check is not None]
    return [service.run or "", *checks, *(value for _, value in service.env)]


def reached(start: Iterable[str], needs: Mapping[str, Iterable[str]]) -> set[str]:
    """Those, and everything that they need."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found
