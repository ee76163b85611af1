"""ASGI applications under hypercorn, which Quart brings with it."""

from __future__ import annotations

from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.gunicorn import BIND
from homeport.run.recipes.options import RELOAD, is_on
from homeport.run.recipes.programs import python_program
from homeport.run.recipes.python_apps import application
from homeport.run.recipes.uvicorn import wanted_app
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(programs=("hypercorn",), position=BIND, positional="--bind {host}:{port}")


def launch(place: Place) -> Launch:
    """`hypercorn --reload APP`."""
    argv = (
        *python_program(place, "hypercorn", "hypercorn"),
        *(("--reload",) if is_on(place.service, "reload", default=True) else ()),
        wanted_app(place.service),
    )
    return launched(place, MANNER, argv)


def finds(directory: str) -> Service | None:
    """A module with a Quart application."""
    app = application(directory, "Quart")
    if app is None or app.base or app.factory:
        return None
    return found(directory, app.file, "hypercorn", (("app", app.target),))


RECIPE = Recipe(
    name="hypercorn",
    what="An ASGI application under hypercorn",
    launch=launch,
    finds=finds,
    rank=26,
    options=(("app", "where the application is: module:name"), RELOAD),
    manner=MANNER,
)
