"""Any command line, for `sh`. It is told PORT and HOST, as foreman's conventions have it.

Where it runs a program that a recipe knows, also behind `uv run` or `npm run`, what tells that one
to listen on its port of loopback is added. Where it does not, the lease's own socket is let go when
the program starts, unless programs of its kind are known to bind under it.
"""

from __future__ import annotations

from homeport.model.errors import BadInput
from homeport.model.service import Check, CheckKind, Hold, Launch
from homeport.run.recipes.command_lines import executed, understood
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.node_packages import node_environment
from homeport.run.recipes.web import appended, served, told_by_env

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place
    from homeport.run.recipes.command_lines import Understood

_SHELL = ("/bin/sh", "-c")

BIND_UNDER_A_HOLD = frozenset(
    (
        "aiohttp.web",
        "bun",
        "caddy",
        "deno",
        "granian",
        "haproxy",
        "nginx",
        "node",
        "nodejs",
        "traefik",
    )
)
"""Programs that bind with SO_REUSEADDR, each tried; those of recipes come on top."""


def launch(place: Place) -> Launch:
    """The command line as it is, or with what its program has to be told."""
    line = place.service.run
    if not line:
        raise BadInput(
            f"{place.service.name} has nothing to run",
            next_step=f'add run = "..." in {place.service.source}',
        )
    if not place.service.has_port:
        worker = (("PYTHONUNBUFFERED", "1"),)
        return Launch(argv=(*_SHELL, line), env=worker, ready=Check(CheckKind.NOTHING))
    known = understood(line, place.service.directory)
    return served(place, _told(place, line, known))


def _told(place: Place, line: str, known: Understood | None) -> Launch:
    env = node_environment(place)
    manner = known and known.manner
    if known is None or manner is None:
        binds = known is not None and known.program in BIND_UNDER_A_HOLD
        hold = Hold.KEPT if binds else Hold.LET_GO
        return Launch(argv=(*_SHELL, line), env=env, hold=hold)
    # A socket is handed to one pid, which has to be that of the program itself.
    indirect = manner.hold is Hold.HANDED and not known.direct
    started = executed(line) if known.direct else line
    return Launch(
        argv=(*_SHELL, appended(place, manner, f"{started}{known.separator}")),
        env=(*env, *told_by_env(place, manner)),
        hold=Hold.KEPT if indirect else manner.hold,
        ready=manner.ready or Check(),
    )


RECIPE = Recipe(
    name="command",
    what="Any command line",
    launch=launch,
)
