"""Static files, by a small server of Homeport's own (`host.static_site`).

Unlike `python -m http.server` it keeps hidden files and listings to itself, and answers only to
names of this machine.
"""

from __future__ import annotations

from homeport.host import peeking, programs
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import option
from homeport.run.recipes.web import A_PORT, found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

_OWN = Manner(programs=(), arguments=("{host}", "{port}"))
MANNER = Manner(
    programs=("http.server",),
    position=A_PORT,
    positional="{port}",
    arguments=("--bind", "{host}"),
)
_DOCUMENTS = ("", "public", "_site", "site")


def launch(place: Place) -> Launch:
    """The server, for the directory of the service."""
    inside = option(place.service, "documents")
    directory = place.service.directory
    documents = f"{directory}/{inside}" if inside else directory
    # -P: a project's own `homeport` or `http` directory must not be taken for the program.
    argv = (programs.this_python(), "-P", "-m", "homeport.host.static_site", documents)
    return launched(place, _OWN, argv)


def finds(directory: str) -> Service | None:
    """An index.html, where no other recipe finds anything; that of a package is for its tools."""
    if peeking.is_file(f"{directory}/package.json"):
        return None
    for documents in _DOCUMENTS:
        file = f"{documents}/index.html" if documents else "index.html"
        if peeking.is_file(f"{directory}/{file}"):
            options = (("documents", documents),) if documents else ()
            return found(directory, file, "static", options)
    return None


RECIPE = Recipe(
    name="static",
    what="Static files",
    launch=launch,
    finds=finds,
    rank=90,
    options=(("documents", "the directory of what is served, relative to the service's own"),),
    manner=MANNER,
)
