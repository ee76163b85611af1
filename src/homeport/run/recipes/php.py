"""PHP, by the development server that it brings with it: `php -S`.

It takes one request at a time unless it is told to have workers (PHP_CLI_SERVER_WORKERS).
"""

from __future__ import annotations

from homeport.host import peeking, programs
from homeport.model.errors import NotFound
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import option
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("php",),
    subcommands=("-S",),
    position=r"\S+:\S+",
    env=(("PHP_CLI_SERVER_WORKERS", "4"),),
)
_DOCUMENTS = ("public", "web", "htdocs", "")


def launch(place: Place) -> Launch:
    """`php -S ADDRESS -t DIRECTORY`."""
    service = place.service
    php = programs.in_path("php")
    if php is None:
        raise NotFound(
            "PHP is not installed",
            why="the PATH has no program 'php'",
            next_step="on Debian or Ubuntu: apt install php-cli; on macOS: brew install php",
        )
    made = launched(place, MANNER, (php, "-S"))
    documents, router = option(service, "documents"), option(service, "router")
    after = (*(("-t", documents) if documents else ()), *((router,) if router else ()))
    return made._replace(argv=(*made.argv, *after))


def finds(directory: str) -> Service | None:
    """An index.php where documents usually lie."""
    for documents in _DOCUMENTS:
        file = f"{documents}/index.php" if documents else "index.php"
        if peeking.is_file(f"{directory}/{file}"):
            options = (("documents", documents),) if documents else ()
            return found(directory, file, "php", options)
    return None


RECIPE = Recipe(
    name="php",
    what="PHP pages, by `php -S`",
    launch=launch,
    finds=finds,
    rank=45,
    options=(
        ("documents", "the directory of what is served, relative to the service's own"),
        ("router", "a script that every request goes through"),
    ),
    manner=MANNER,
)
