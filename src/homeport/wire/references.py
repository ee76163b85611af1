"""References from one service to another: `${db.url}`, in variables and command lines.

`${SERVICE.FACT}` is a reference everywhere: no shell knows that form. `${NAME}` and
`${NAME:-text}` name variables: they are filled in where no shell would do it, and left as they are
in command lines. `$${` stands for `${`; any other `$` is itself.
"""

from __future__ import annotations

import re

from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORM = re.compile(
    r"(?P<escaped>\$\$\{)"
    r"|\$\{(?P<service>[A-Za-z0-9][A-Za-z0-9_-]*)\.(?P<fact>[A-Za-z_][A-Za-z0-9_-]*)\}"
    r"|\$\{(?P<variable>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<otherwise>[^${}]*))?\}"
)


def references_in(text: str) -> frozenset[str]:
    """The services that a text refers to."""
    return frozenset(each["service"] for each in _FORM.finditer(text) if each["service"])


def resolve(
    text: str,
    facts: Mapping[str, Mapping[str, str]],
    where: str,
    *,
    variables: Mapping[str, str] | None = None,
) -> str:
    """The text with its references filled in; `facts` are those of each service.

    With `variables` those are filled in, too; None leaves them to a shell. `where` is told in
    errors: `homeport.toml:12`. Raises `BadInput` for what nobody knows.
    """

    def replaced(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        if match["service"]:
            return _fact(match["service"], match["fact"], facts, where)
        if variables is None:
            return match[0]
        return _variable(match["variable"], match["otherwise"], variables, where)

    return _FORM.sub(replaced, text)


def _fact(service: str, fact: str, facts: Mapping[str, Mapping[str, str]], where: str) -> str:
    known = facts.get(service)
    if known is None:
        raise BadInput(
            f"{where}: there is no service `{service}`", next_step=_meant(service, facts, "named")
        )
    if fact not in known:
        raise BadInput(
            f"{where}: `{service}` has no `{fact}`", next_step=_meant(fact, known, "known")
        )
    return known[fact]


def _variable(name: str, otherwise: str | None, variables: Mapping[str, str], where: str) -> str:
    value = variables.get(name)
    if otherwise is not None:
        return value or otherwise
    if value is None:
        raise BadInput(
            f"{where}: the variable {name} is not set",
            next_step=f"set it, or write ${{{name}:-}} for an empty text without it",
        )
    return value


def _meant(word: str, known: Iterable[str], how: str) -> str:
    from homeport.wire.declaration.kinds import nearest

    names = sorted(known)
    return nearest(word, names) or (f"{how}: {', '.join(names)}" if names else f"none is {how}")
