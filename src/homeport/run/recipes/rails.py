"""Ruby on Rails, by its own server: `bin/rails server`.

Its flags win over what config/puma.rb binds. In development Rails takes IP addresses and hosts with
one label before `localhost` (`shop.localhost`), and no others unless it is told of them.
"""

from __future__ import annotations

from homeport.host import peeking, programs
from homeport.model.errors import NotFound
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("rails",),
    subcommands=("server", "s"),
    arguments=("--binding", "{host}", "--port", "{port}"),
)
_SCRIPT = "bin/rails"


def launch(place: Place) -> Launch:
    """`ruby bin/rails server`."""
    # One in the project would tell of a server that a crash has left there, or of another one.
    pid_file = f"{place.data_dir}/server.pid"
    argv = (*_ruby(), _SCRIPT, "server", "--pid", pid_file)
    return launched(place, MANNER, argv, _hosts(place))


def _ruby() -> tuple[str, ...]:
    if ruby := programs.in_path("ruby"):
        return (ruby,)
    raise NotFound(
        "Ruby is not installed",
        why="the PATH has no program 'ruby'",
        next_step="on Debian or Ubuntu: apt install ruby; on macOS: brew install ruby",
    )


def _hosts(place: Place) -> tuple[tuple[str, str], ...]:
    """The hosts of the service at the gateway, which Rails 7 and later take from a variable."""
    if place.url is None:
        return ()
    host = place.url.partition("//")[2].partition("/")[0].partition(":")[0]
    named = (f"{name}.localhost" for name in place.service.names)
    return (("RAILS_DEVELOPMENT_HOSTS", ",".join((host, *named))),)


def finds(directory: str) -> Service | None:
    """The bin/rails that Rails makes."""
    if "rails/commands" not in (peeking.text_of(f"{directory}/{_SCRIPT}") or ""):
        return None
    return found(directory, _SCRIPT, "rails")


RECIPE = Recipe(
    name="rails",
    what="A Ruby on Rails application, by `rails server`",
    launch=launch,
    finds=finds,
    rank=21,
    manner=MANNER,
)
