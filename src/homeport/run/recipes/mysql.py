"""MySQL, and MariaDB where there is no MySQL: clients speak to both in the same way.

Data that the one has made stays with it.
"""

from __future__ import annotations

import os

from homeport.host.database_programs import exists, programs
from homeport.model.errors import NotFound
from homeport.run.recipes import database as common
from homeport.run.recipes import mariadb
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.mariadb import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Step

INSTALL = common.Install("MySQL or MariaDB server", "mysql-server (or mariadb-server)", "mysql")
_OWN_INSTALL = common.Install("MySQL server", "mysql-server", "mysql")

_PLACES = ("/opt/homebrew/opt/mysql*/bin", "/usr/local/opt/mysql*/bin", *mariadb.PLACES)

# What was built in is a directory that only its own user may enter, without which it ends.
_FILES = "--secure-file-priv=NULL"

# The one account that is made, root@localhost, has no password until the server reads the file of
# accounts, which it does before it takes a connection.
_MAKE = """
rm -rf "$2/draft"
mkdir -p "$2/tmp"
export TMPDIR="$2/tmp"
"$1" --no-defaults --initialize-insecure "$4" --datadir="$2/draft" >"$2/making.log" 2>&1 || {
  cat "$2/making.log" >&2
  exit 1
}
mv "$2/draft" "$3"
rm -f "$2/making.log"
"""

# Once an account has logged in the server knows a hash by which it may do so again. Before that it
# needs TLS or RSA, which PyMySQL, Trilogy and others have only when they are told to. A client that
# cannot log in harms nobody.
_LOG_IN = '"$@" -e "DO 0" || true'


def launch(place: Place) -> Launch:
    """MySQL on the leased port."""
    return mariadb.launched(place, _server(place))


def _server(place: Place) -> Server:
    """MySQL, unless there is data of MariaDB, or no other server. Raises NotFound."""
    # In Debian the program of this name is MariaDB.
    found = [path for path in programs("mysqld", *_PLACES) if not mariadb.is_mariadb(path)]
    data = os.path.join(place.data_dir, "mysql")
    if exists(data):
        if not found:
            raise _OWN_INSTALL.missing(f"MySQL has made {data}, and nothing else reads it")
    elif not found or exists(mariadb.data_of(place)):
        return mariadb.server(place, INSTALL)
    program = common.chosen(place, found, INSTALL)
    args = (program, place.data_dir, data, _FILES)
    make = common.script("making the database", _MAKE, *args, unless=data)
    return Server(program, data, make, ("--mysqlx=OFF", _FILES), _first_login(place, program))


def _first_login(place: Place, program: str) -> tuple[Step, ...]:
    try:
        client = mariadb.client(place, program, "mysql", "mariadb")
    except NotFound:
        return ()
    return (common.script("logging in", _LOG_IN, *client, env=mariadb.asking(place)),)


def _program(place: Place) -> str:
    return _server(place).program


RECIPE = Recipe(
    name="mysql",
    what="MySQL",
    launch=launch,
    images=("mysql",),
    options=mariadb.RECIPE.options,
    database=mariadb.database(_program),
)
