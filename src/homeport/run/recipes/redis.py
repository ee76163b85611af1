"""Redis: a server of its own for each project and worktree, with one password.

Every write goes to a log that is synced once a second: `kill -9` loses nothing, a power cut at
most the last second. Valkey, which grew out of it, takes the same options; where the one is
missing the other serves.
"""

from __future__ import annotations

import os

from homeport.host.database_programs import beside, programs, version
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe
from homeport.run.recipes.options import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install("Redis or Valkey server", "redis-server", "redis")
CLIENT = common.Install("redis-cli", "redis-tools", "redis")

READY = Check(CheckKind.LOG, "Ready to accept connections")
"""It listens before it has read its data."""

DURABLE_OPTION = ("durable", "false: keeps nothing on disk, as a cache")

_CONFIGURE = """
printf 'requirepass "%s"\\n' "$HOMEPORT_PASSWORD" >"$1.draft"
mv "$1.draft" "$1"
"""

# What it prints are commands as they go over the wire, which `redis-cli --pipe` reads.
_DUMP = r"""
local out = {}
local function say(words)
  out[#out + 1] = '*' .. #words .. '\r\n'
  for _, word in ipairs(words) do
    out[#out + 1] = '$' .. #word .. '\r\n' .. word .. '\r\n'
  end
end
for number = 0, 15 do
  redis.call('SELECT', number)
  say({'SELECT', tostring(number)})
  for _, key in ipairs(redis.call('KEYS', '*')) do
    local left_ms = string.format('%d', math.max(redis.call('PTTL', key), 0))
    say({'RESTORE', key, left_ms, redis.call('DUMP', key), 'REPLACE'})
  end
end
return table.concat(out)
"""


def launch(place: Place) -> Launch:
    """Redis on the leased port."""
    return launched(place, ("redis-server", "valkey-server"), INSTALL)


def launched(place: Place, names: tuple[str, ...], install: common.Install) -> Launch:
    """The first server of these names on the leased port."""
    found = [path for name in names for path in programs(name)]
    program = common.chosen(place, found, install)
    file = os.path.join(place.data_dir, "redis.conf")
    # With the name of the user who is there by default: without one, `redis-cli -u` logs in as "".
    url = f"redis://default:{place.password}@{place.address}:{place.port}/0"
    return Launch(
        argv=(program, file, *_settings(place)),
        ready=READY,
        scheme="redis",
        facts=common.login_facts(place, url, user=None, database="0"),
        exports=common.exported(
            place,
            url,
            ("REDIS_URL", url),
            ("REDIS_HOST", place.address),
            ("REDIS_PORT", str(place.port)),
            ("REDIS_PASSWORD", place.password),
        ),
        secrets=common.SECRETS,
        before=(common.script("writing its password", _CONFIGURE, file, env=common.secret(place)),),
    )


def _settings(place: Place) -> tuple[str, ...]:
    durable = "yes" if is_on(place.service, "durable", default=True) else "no"
    settings = {
        "--bind": place.address,
        "--port": str(place.port),
        "--dir": place.data_dir,
        "--daemonize": "no",
        "--save": "",
        "--appendonly": durable,
    }
    return tuple(word for setting in settings.items() for word in setting)


def _client(place: Place) -> tuple[str, ...]:
    server = launch(place).argv[0]
    own = [path for name in ("redis-cli", "valkey-cli") if (path := beside(server, name))]
    program = own[0] if own else common.client(("redis-cli", "valkey-cli"), CLIENT)
    return (program, "-h", place.address, "-p", str(place.port))


def _strict(client: tuple[str, ...]) -> tuple[str, ...]:
    """The client so that an error of the server is one of its own, which it knows since 7.0."""
    known = version(client[0])
    return (*client, "-e") if known and int(known.partition(".")[0]) >= 7 else client


def _asking(place: Place) -> tuple[tuple[str, str], ...]:
    return (("REDISCLI_AUTH", place.password), ("VALKEYCLI_AUTH", place.password))


def shell(place: Place) -> Step:
    """The command line client."""
    return Step("redis-cli", _client(place), _asking(place))


def dump(place: Place) -> Step:
    """All keys of all its databases, with the time that is left to them: at most 512 MB."""
    argv = (*_strict(_client(place)), "EVAL", _DUMP, "0")
    return Step("dumping the keys", argv, _asking(place))


def restore(place: Place) -> Step:
    """The keys of a dump; others stay."""
    return Step("restoring the keys", (*_client(place), "--pipe"), _asking(place))


def reset(place: Place) -> tuple[Step, ...]:
    """All keys of all its databases go."""
    argv = (*_strict(_client(place)), "FLUSHALL")
    return (Step("removing all keys", argv, _asking(place)),)


DATABASE = Database(shell=shell, dump=dump, restore=restore, reset=reset)

RECIPE = Recipe(
    name="redis",
    what="Redis",
    launch=launch,
    images=("redis",),
    options=(common.VERSION_OPTION, DURABLE_OPTION),
    database=DATABASE,
)
