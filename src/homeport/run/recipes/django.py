"""Django, by its own development server: `manage.py runserver`.

With DEBUG and no ALLOWED_HOSTS, Django takes every name under localhost. Migrations are not run:
they change data, and nobody asked for that.
"""

from __future__ import annotations

from homeport.host import peeking
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import RELOAD, is_on, option
from homeport.run.recipes.programs import python
from homeport.run.recipes.web import A_PORT, found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

_MARKS = ("DJANGO_SETTINGS_MODULE", "django.core.management")

MANNER = Manner(
    programs=("manage.py", "django-admin"),
    subcommands=("runserver",),
    marks=_MARKS,
    position=rf"(?:(?:\[[\da-f:.]*\]|[\w.-]+):)?{A_PORT}",
)


def launch(place: Place) -> Launch:
    """`python manage.py runserver`."""
    settings = option(place.service, "settings")
    argv = (
        *python(place),
        "manage.py",
        "runserver",
        *((f"--settings={settings}",) if settings else ()),
        *(() if is_on(place.service, "reload", default=True) else ("--noreload",)),
    )
    return launched(place, MANNER, argv)


def finds(directory: str) -> Service | None:
    """The manage.py that Django makes."""
    text = peeking.text_of(f"{directory}/manage.py") or ""
    if not any(mark in text for mark in _MARKS):
        return None
    return found(directory, "manage.py", "django")


RECIPE = Recipe(
    name="django",
    what="A Django project, by `manage.py runserver`",
    launch=launch,
    finds=finds,
    rank=20,
    options=(("settings", "the module of its settings; without it manage.py's own"), RELOAD),
    manner=MANNER,
)
