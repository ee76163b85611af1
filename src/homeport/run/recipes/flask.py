"""Flask, by its own development server: `flask run`.

An `app.run(host=...)` in the project is never reached under `flask run`. The server listens before
the application can answer, so that it counts as ready once it answers.
"""

from __future__ import annotations

from homeport.host import peeking
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import RELOAD, is_on, option
from homeport.run.recipes.programs import python_program
from homeport.run.recipes.python_apps import application
from homeport.run.recipes.web import ANSWERS, found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("flask",),
    subcommands=("run",),
    arguments=("--host", "{host}", "--port", "{port}"),
    ready=ANSWERS,
)


def launch(place: Place) -> Launch:
    """`flask --app APP run --debug`."""
    app = option(place.service, "app")
    debug = is_on(place.service, "reload", default=True)
    argv = (
        *python_program(place, "flask", "Flask"),
        *(("--app", app) if app else ()),
        "run",
        *(("--debug",) if debug else ()),
    )
    return launched(place, MANNER, argv)


def finds(directory: str) -> Service | None:
    """A module with a Flask application; what .flaskenv says of it is left to flask."""
    app = application(directory, "Flask")
    if app is None:
        return None
    if "FLASK_APP" in (peeking.text_of(f"{directory}/.flaskenv") or ""):
        return found(directory, ".flaskenv", "flask")
    path = f"{app.base}/{app.module.replace('.', '/')}" if app.base else app.module
    return found(directory, app.file, "flask", (("app", f"{path}:{app.attribute}"),))


RECIPE = Recipe(
    name="flask",
    what="A Flask application, by `flask run`",
    launch=launch,
    finds=finds,
    rank=24,
    options=(("app", "where it is: module:name; without it flask looks for it"), RELOAD),
    manner=MANNER,
)
