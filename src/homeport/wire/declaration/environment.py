"""What a service is given: its variables, the later winning, and what it refers to."""

from __future__ import annotations

from collections import ChainMap

from homeport.wire.references import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from homeport.model.service import Check, Declaration, Service


def environment(
    declaration: Declaration,
    service: Service | None,
    *,
    outer: Mapping[str, str],
    facts: Mapping[str, Mapping[str, str]],
    exports: Iterable[tuple[str, str]] = (),
    own: Iterable[tuple[str, str]] = (),
) -> dict[str, str]:
    """The variables of a service, or without one those of whatever else runs in the project.

    The later of these wins: `outer`, the environment of whoever starts it; `.env`; `exports`, what
    the services that it needs hand out (`DATABASE_URL`); `[env]`; the service's own `env`; `own`,
    what Homeport and the recipe set (`PORT`, `HOST`). Each value may refer to `facts` of services
    and to variables that are set before it, its own former value among them, and to `own`: a PORT
    in `.env` is another one by the time that the service runs. Raises `BadInput`.
    """
    made = dict(outer)
    last = dict(own)
    declared = declaration.source
    _add(made, declaration.dotenv, facts, ".env", last)
    made.update(exports)
    _add(made, declaration.env, facts, f"{declared}, [env]", last)
    if service is not None:
        _add(made, service.env, facts, f"{service.source}, env", last)
    made.update(last)
    return made


def with_filled_checks(service: Service, facts: Mapping[str, Mapping[str, str]]) -> Service:
    """The service with the references in its checks filled in; variables are left to the shell.

    Raises `BadInput`.
    """

    def filled(check: Check | None, name: str) -> Check | None:
        if check is None:
            return None
        return check._replace(value=resolve(check.value, facts, f"{service.source}, {name}"))

    return service._replace(
        ready=filled(service.ready, "ready"), health=filled(service.health, "health")
    )


def _add(
    made: dict[str, str],
    variables: Iterable[tuple[str, str]],
    facts: Mapping[str, Mapping[str, str]],
    where: str,
    last: dict[str, str],
) -> None:
    for name, value in variables:
        made[name] = resolve(value, facts, f"{where}, {name}", variables=ChainMap(last, made))
