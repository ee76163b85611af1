"""WSGI applications under gunicorn, which takes over a socket that listens already.

It is handed the socket (LISTEN_FDS), so that no `bind` of its configuration counts. It listens
before its workers have loaded the application: ready is what answers.
"""

from __future__ import annotations

from homeport.model.service import Hold
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import RELOAD, is_on, option
from homeport.run.recipes.programs import python_program
from homeport.run.recipes.uvicorn import wanted_app
from homeport.run.recipes.web import ANSWERS, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place

BIND = r"(?:-b\s*|--bind(?:=|\s+))\S+"
"""How servers that may listen at several addresses are told one of them."""

MANNER = Manner(
    programs=("gunicorn",),
    position=BIND,
    positional="--bind {host}:{port}",
    hold=Hold.HANDED,
    ready=ANSWERS,
)


def launch(place: Place) -> Launch:
    """`gunicorn --reload APP`."""
    service = place.service
    workers = option(service, "workers")
    argv = (
        *python_program(place, "gunicorn", "gunicorn"),
        *(("--workers", workers) if workers else ()),
        *(("--reload",) if is_on(service, "reload", default=True) else ()),
        wanted_app(service),
    )
    made = launched(place, MANNER, argv)
    # Another process between us and gunicorn, and the socket is not meant for gunicorn's pid.
    return made._replace(hold=Hold.KEPT) if argv[1:2] == ("run",) else made


RECIPE = Recipe(
    name="gunicorn",
    what="A WSGI application under gunicorn",
    launch=launch,
    options=(
        ("app", "where the application is: module:name"),
        ("workers", "how many processes"),
        RELOAD,
    ),
    manner=MANNER,
)
