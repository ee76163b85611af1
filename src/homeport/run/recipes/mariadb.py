"""MariaDB: a server of its own for each project and worktree, one account, TCP only.

Its accounts and its database are made by a file of SQL that it reads at each start, before it
takes a connection. Each commit is written to the log, which is synced once a second: `kill -9`
loses nothing, a power cut at most the last second.
"""

from __future__ import annotations

import os
from functools import partial

from homeport.host.database_programs import beside, programs, said_of_itself
from homeport.host.kernel import user_id
from homeport.model.record import NamedTuple
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.service import Place

INSTALL = common.Install("MariaDB server", "mariadb-server", "mariadb")
CLIENT = common.Install("mariadb client", "mariadb-client", "mariadb")

PLACES = (
    "/opt/homebrew/opt/mariadb*/bin",
    "/usr/local/opt/mariadb*/bin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
)

# A server of this kind removes all temporary tables that it finds when it starts: two must not
# share a directory for them. The method `socket` makes no account without a password over TCP.
_MAKE = """
rm -rf "$2/draft"
mkdir -p "$2/tmp"
export TMPDIR="$2/tmp"
"$1" --no-defaults --datadir="$2/draft" --auth-root-authentication-method=socket --skip-test-db \\
  >"$2/making.log" 2>&1 || { cat "$2/making.log" >&2; exit 1; }
mv "$2/draft" "$3"
rm -f "$2/making.log"
"""

_CONFIGURE = """
cat >"$1.draft" <<END
CREATE USER IF NOT EXISTS \\`$2\\`@\\`%\\` IDENTIFIED BY '$HOMEPORT_PASSWORD';
ALTER USER \\`$2\\`@\\`%\\` IDENTIFIED BY '$HOMEPORT_PASSWORD';
GRANT ALL PRIVILEGES ON *.* TO \\`$2\\`@\\`%\\` WITH GRANT OPTION;
ALTER USER IF EXISTS root@localhost IDENTIFIED BY '$HOMEPORT_PASSWORD';
CREATE DATABASE IF NOT EXISTS \\`$3\\`;
END
mv "$1.draft" "$1"
"""

_RESET = """
user=$1 name=$2
shift 2
{
  "$@" -N -r -e "SELECT CONCAT('DROP DATABASE \\`', REPLACE(schema_name, '\\`', '\\`\\`'), '\\`;')
    FROM information_schema.schemata
    WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
  "$@" -N -r -e "SELECT IF(host = '', CONCAT('DROP ROLE ', QUOTE(user), ';'),
    CONCAT('DROP USER ', QUOTE(user), '@', QUOTE(host), ';')) FROM mysql.user
    WHERE user NOT IN ('$user', 'root', 'PUBLIC', '')
    AND user NOT LIKE 'mysql.%' AND user NOT LIKE 'mariadb.%'"
  printf 'CREATE DATABASE `%s`;\\n' "$name"
} | "$@"
"""


class Server(NamedTuple):
    """The program that runs, how its data directory is made, and what else it is told."""

    program: str
    data: str
    make: Step
    settings: tuple[str, ...] = ()
    after: tuple[Step, ...] = ()


def launch(place: Place) -> Launch:
    """MariaDB on the leased port."""
    return launched(place, server(place, INSTALL))


def server(place: Place, install: common.Install) -> Server:
    """MariaDB as it is found here. Raises NotFound."""
    program = common.chosen(place, programs("mariadbd", *PLACES), install)
    maker = beside(program, "mariadb-install-db") or next(
        iter(programs("mariadb-install-db", *PLACES)), None
    )
    if maker is None:
        raise install.missing(f"{program} has no mariadb-install-db with it")
    data = data_of(place)
    make = common.script("making the database", _MAKE, maker, place.data_dir, data, unless=data)
    return Server(program, data, make)


def data_of(place: Place) -> str:
    """The data directory of a MariaDB."""
    return os.path.join(place.data_dir, "mariadb")


def launched(place: Place, server: Server) -> Launch:
    """A server of this kind on the leased port."""
    user, database = _user(place), _database(place)
    file = os.path.join(place.data_dir, "accounts.sql")
    url = f"mysql://{user}:{place.password}@{place.address}:{place.port}/{database}"
    return Launch(
        argv=(server.program, *_settings(place, server, file)),
        ready=Check(CheckKind.LOG, "(mariadbd|mysqld): ready for connections"),
        scheme="mysql",
        facts=common.login_facts(place, url, user=user, database=database),
        exports=common.exported(place, url, *_exports(place, url)),
        secrets=common.SECRETS,
        before=(
            server.make,
            common.script(
                "writing its accounts",
                _CONFIGURE,
                *(file, user, database),
                env=common.secret(place),
            ),
        ),
        after=server.after,
    )


def _settings(place: Place, server: Server, file: str) -> tuple[str, ...]:
    return (
        "--no-defaults",
        f"--datadir={server.data}",
        f"--bind-address={place.address}",
        f"--port={place.port}",
        "--socket=",
        f"--pid-file={os.path.join(place.data_dir, 'pid')}",
        f"--init-file={file}",
        f"--tmpdir={os.path.join(place.data_dir, 'tmp')}",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--character-set-server=utf8mb4",
        "--innodb-flush-log-at-trx-commit=2",
        *server.settings,
        *(("--user=root",) if user_id() == 0 else ()),
    )


def _exports(place: Place, url: str) -> tuple[tuple[str, str], ...]:
    return (
        ("DATABASE_URL", url),
        ("MYSQL_URL", url),
        ("MYSQL_HOST", place.address),
        ("MYSQL_PORT", str(place.port)),
        ("MYSQL_TCP_PORT", str(place.port)),
        ("MYSQL_USER", _user(place)),
        ("MYSQL_PASSWORD", place.password),
        ("MYSQL_PWD", place.password),
        ("MYSQL_DATABASE", _database(place)),
    )


def _user(place: Place) -> str:
    return common.name_of(place, "user", ("MARIADB_USER", "MYSQL_USER"), "root")


def _database(place: Place) -> str:
    variables = ("MARIADB_DATABASE", "MYSQL_DATABASE")
    return common.name_of(place, "database", variables, common.project_name(place))


def is_mariadb(program: str) -> bool:
    """Whether a server or client is MariaDB's, which often has the name of MySQL's."""
    return "MariaDB" in said_of_itself(program)


def client(place: Place, server: str, *names: str) -> tuple[str, ...]:
    """The client that came with a server or is of its kind, with where and as whom it logs in.

    Each kind can dump only its own. Raises NotFound.
    """
    found = [path for name in names if (path := beside(server, name))]
    found += [path for name in names for path in programs(name)]
    if not found:
        install = CLIENT._replace(what=names[0])
        raise install.missing("it is neither with the server nor on the PATH")
    kind = is_mariadb(server)
    program = min(found, key=lambda path: is_mariadb(path) is not kind)
    login = (f"--host={place.address}", f"--port={place.port}", f"--user={_user(place)}")
    return (program, "--no-defaults", "--protocol=tcp", *login, "--default-character-set=utf8mb4")


def asking(place: Place) -> tuple[tuple[str, str], ...]:
    """The environment that gives a client the password."""
    return (("MYSQL_PWD", place.password),)


def _shell(server_of: Callable[[Place], str], place: Place) -> Step:
    argv = (*client(place, server_of(place), "mariadb", "mysql"), _database(place))
    return Step(argv[0].rpartition("/")[2], argv, asking(place))


def _dump(server_of: Callable[[Place], str], place: Place) -> Step:
    what = ("--single-transaction", "--routines", "--triggers", "--events")
    dumper = client(place, server_of(place), "mariadb-dump", "mysqldump")
    return Step("dumping the database", (*dumper, *what, _database(place)), asking(place))


def _restore(server_of: Callable[[Place], str], place: Place) -> Step:
    reader = client(place, server_of(place), "mariadb", "mysql")
    argv = (*reader, "--batch", _database(place))
    beginnings = ("-- MariaDB dump", "-- MySQL dump")
    return common.restoring(argv, asking(place), end="-- Dump completed", beginnings=beginnings)


def _reset(server_of: Callable[[Place], str], place: Place) -> tuple[Step, ...]:
    reader = client(place, server_of(place), "mariadb", "mysql")
    args = (_user(place), _database(place), *reader)
    return (common.script("resetting the database", _RESET, *args, env=asking(place)),)


def database(server_of: Callable[[Place], str]) -> Database:
    """What is done with the data, by clients of the kind of the server that runs.

    A dump is SQL, of its one database; it replaces what is there when it is restored, up to the
    first statement that fails: neither kind takes a table back. A reset leaves no database, and
    no account but the one.
    """
    return Database(
        shell=partial(_shell, server_of),
        dump=partial(_dump, server_of),
        restore=partial(_restore, server_of),
        reset=partial(_reset, server_of),
    )


def _program(place: Place) -> str:
    return server(place, INSTALL).program


RECIPE = Recipe(
    name="mariadb",
    what="MariaDB",
    launch=launch,
    images=("mariadb",),
    options=(common.VERSION_OPTION, common.DATABASE_OPTION, common.USER_OPTION),
    database=database(_program),
)
