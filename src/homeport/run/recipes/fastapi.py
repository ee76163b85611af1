"""FastAPI: under uvicorn where it is known what the application is, else by `fastapi dev`."""

from __future__ import annotations

from homeport.model.errors import NotFound
from homeport.run.recipes import uvicorn
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import is_on, option
from homeport.run.recipes.programs import python_program
from homeport.run.recipes.python_apps import application
from homeport.run.recipes.web import launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("fastapi",),
    subcommands=("dev", "run"),
    arguments=("--host", "{host}", "--port", "{port}"),
)


def launch(place: Place) -> Launch:
    """By uvicorn where an application is named, or `fastapi dev`, which looks for one itself."""
    if option(place.service, "app") is not None:
        try:
            return uvicorn.launch(place)
        except NotFound as error:
            error.next_step = _standard(error.next_step)
            raise
    reload = is_on(place.service, "reload", default=True)
    argv = (
        *python_program(place, "fastapi", "fastapi[standard]"),
        "dev",
        *(() if reload else ("--no-reload",)),
    )
    return launched(place, MANNER, argv)


def _standard(step: str | None) -> str | None:
    """FastAPI's own extra brings uvicorn, and what else it is usually run with."""
    return step and step.replace(" uvicorn", " 'fastapi[standard]'")


def finds(directory: str) -> Service | None:
    """A module with a FastAPI application."""
    app = application(directory, "FastAPI")
    return app and uvicorn.found_app(directory, "fastapi", app)


RECIPE = Recipe(
    name="fastapi",
    what="A FastAPI application: `fastapi dev`, or under uvicorn where `app` is given",
    launch=launch,
    finds=finds,
    rank=22,
    options=uvicorn.OPTIONS,
    manner=MANNER,
)
