"""ASGI applications (Starlette, Litestar, …) under uvicorn.

It can take a listening socket (`--fd`), too. By its port it begins to listen only once the
application has started, also while it reloads, so that a connection proves that it is ready.
"""

from __future__ import annotations

from homeport.model.errors import BadInput
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import RELOAD, is_on, option
from homeport.run.recipes.programs import python_program
from homeport.run.recipes.python_apps import application
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service
    from homeport.run.recipes.python_apps import App

MANNER = Manner(programs=("uvicorn",), arguments=("--host", "{host}", "--port", "{port}"))
OPTIONS = (
    ("app", "where the application is: module:name"),
    ("app_dir", "the directory that the module lies in, relative to the service's own"),
    ("factory", "true or false: whether it is a function that makes the application"),
    RELOAD,
)
_FRAMEWORKS = ("Starlette", "Litestar")


def launch(place: Place) -> Launch:
    """`uvicorn --reload APP`."""
    service = place.service
    app_dir = option(service, "app_dir")
    argv = (
        *python_program(place, "uvicorn", "uvicorn"),
        *(("--app-dir", app_dir) if app_dir else ()),
        *(("--factory",) if is_on(service, "factory", default=False) else ()),
        *(("--reload",) if is_on(service, "reload", default=True) else ()),
        wanted_app(service),
    )
    return launched(place, MANNER, argv)


def wanted_app(service: Service) -> str:
    """The application that a service names; raises `BadInput` where it names none."""
    if app := option(service, "app"):
        return app
    raise BadInput(
        f"{service.name}: which application {service.recipe} is to run is not said",
        next_step=f'add app = "module:name" in {service.source}',
    )


def found_app(directory: str, recipe: str, app: App) -> Service:
    """The service for an application that was found."""
    options = [("app", app.target)]
    options += [("app_dir", app.base)] if app.base else []
    options += [("factory", "true")] if app.factory else []
    return found(directory, app.file, recipe, tuple(options))


def finds(directory: str) -> Service | None:
    """A module with an application of a framework that has no server of its own."""
    for framework in _FRAMEWORKS:
        if app := application(directory, framework):
            return found_app(directory, "uvicorn", app)
    return None


RECIPE = Recipe(
    name="uvicorn",
    what="An ASGI application under uvicorn",
    launch=launch,
    finds=finds,
    rank=26,
    options=OPTIONS,
    manner=MANNER,
)
