"""The options of a recipe, as somebody wrote them for a service."""

from __future__ import annotations

from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Service

RELOAD = ("reload", "true or false: whether it starts again when a file changes; true by default")


def option(service: Service, name: str) -> str | None:
    """The value of an option, None where it was not given or is empty."""
    return dict(service.options).get(name) or None


def is_on(service: Service, name: str, *, default: bool) -> bool:
    """Whether an option that is true or false is on. Raises BadInput for another value."""
    value = option(service, name)
    if value is None:
        return default
    if value.lower() not in {"true", "false"}:
        raise BadInput(
            f"{service.name}: {name} = {value!r} is neither true nor false",
            next_step=f"correct it in {service.source}",
        )
    return value.lower() == "true"
