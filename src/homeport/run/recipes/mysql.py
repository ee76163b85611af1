"""MySQL, and MariaDB where there is no MySQL: clients speak to both in the same way.

Data that the one has made stays with it.
"""

from __future__ import annotations

import os

from homeport.host.database_programs import exists, programs, said_of_itself
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.mariadb import PLACES, Server, data_of, launched
from homeport.run.recipes.mariadb import RECIPE as MARIADB
from homeport.run.recipes.mariadb import server as mariadb_server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place

INSTALL = common.Install("MySQL or MariaDB server", "mysql-server (or mariadb-server)", "mysql")

_PLACES = ("/opt/homebrew/opt/mysql*/bin", "/usr/local/opt/mysql*/bin", *PLACES)

# The one account that is made, root@localhost, has no password until the server reads the file of
# accounts, which it does before it takes a connection.
_MAKE = """
rm -rf "$2/draft"
mkdir -p "$2/tmp"
export TMPDIR="$2/tmp"
"$1" --no-defaults --initialize-insecure --datadir="$2/draft" >"$2/making.log" 2>&1 || {
  cat "$2/making.log" >&2
  exit 1
}
mv "$2/draft" "$3"
rm -f "$2/making.log"
"""


def launch(place: Place) -> Launch:
    """MySQL on the leased port."""
    found = [path for path in programs("mysqld", *_PLACES) if _is_mysql(path)]
    if not found or exists(data_of(place)):
        return launched(place, mariadb_server(place, INSTALL))
    program = common.chosen(place, found, INSTALL)
    data = os.path.join(place.data_dir, "mysql")
    what = "making the database"
    make = common.script(what, _MAKE, program, place.data_dir, data, unless=data)
    return launched(place, Server(program, data, make, ("--mysqlx=OFF",)))


def _is_mysql(path: str) -> bool:
    # In Debian the program of this name is MariaDB.
    return "MariaDB" not in said_of_itself(path)


RECIPE = Recipe(
    name="mysql",
    what="MySQL",
    launch=launch,
    images=("mysql",),
    options=MARIADB.options,
    database=MARIADB.database,
)
