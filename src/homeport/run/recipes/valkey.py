"""Valkey, which is run as Redis is; where it is missing Redis serves, and goes on to."""

from __future__ import annotations

from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.redis import DURABLE_OPTION, launched
from homeport.run.recipes.redis import database as with_its_clients

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place

INSTALL = common.Install("Valkey or Redis server", "valkey-server (or redis-server)", "valkey")


def launch(place: Place) -> Launch:
    """Valkey on the leased port."""
    told = launched(place, ("valkey-server", "redis-server"), INSTALL)
    url = dict(told.facts)["url"]
    return told._replace(exports=(*told.exports, ("VALKEY_URL", url)))


RECIPE = Recipe(
    name="valkey",
    what="Valkey",
    launch=launch,
    images=("valkey",),
    options=(common.VERSION_OPTION, DURABLE_OPTION),
    database=with_its_clients(launch),
)
