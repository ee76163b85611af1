"""Redis: a server of its own for each project and worktree, with one password.

Every write goes to a log that is synced once a second: `kill -9` loses nothing, a power cut at
most the last second. Valkey, which grew out of it, takes the same options; where the one is
missing the other serves. Data that the one has made stays with it: both have since changed how
they write it.
"""

from __future__ import annotations

import os
from functools import partial

from homeport.host.database_programs import (
    beside,
    first_bytes,
    first_line,
    programs,
    said_of_itself,
    version,
)
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe
from homeport.run.recipes.options import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.service import Place

INSTALL = common.Install("Redis or Valkey server", "redis-server", "redis")
CLIENT = common.Install("redis-cli", "redis-tools", "redis")
_VALKEY_INSTALL = common.Install("Valkey server", "valkey-server", "valkey")

READY = Check(CheckKind.LOG, "Ready to accept connections")
"""It listens before it has read its data."""

_LAST_COMMON = 11
"""The last format that both read, of Redis 7.2. Valkey writes its own, from 80 on, since 9.0."""

DURABLE_OPTION = ("durable", "false: keeps nothing on disk, as a cache")

_CONFIGURE = """
printf 'requirepass "%s"\\n' "$HOMEPORT_PASSWORD" >"$1.draft"
mv "$1.draft" "$1"
"""

_BEGIN, _END = "homeport dump of keys", "homeport dump is whole"

# What it prints are commands as they go over the wire, which `redis-cli --pipe` reads.
_DUMP = r"""
local out = {}
local function say(words)
  out[#out + 1] = '*' .. #words .. '\r\n'
  for _, word in ipairs(words) do
    out[#out + 1] = '$' .. #word .. '\r\n' .. word .. '\r\n'
  end
end
say({'ECHO', ARGV[1]})
for number = 0, 15 do
  redis.call('SELECT', number)
  say({'SELECT', tostring(number)})
  for _, key in ipairs(redis.call('KEYS', '*')) do
    local left_ms = string.format('%d', math.max(redis.call('PTTL', key), 0))
    say({'RESTORE', key, left_ms, redis.call('DUMP', key), 'REPLACE'})
  end
end
say({'ECHO', ARGV[2]})
return table.concat(out)
"""


def launch(place: Place) -> Launch:
    """Redis on the leased port."""
    return launched(place, ("redis-server", "valkey-server"), INSTALL)


def launched(place: Place, names: tuple[str, ...], install: common.Install) -> Launch:
    """The first server of these names on the leased port."""
    found = [path for name in names for path in programs(name)]
    program = common.chosen(place, _for_its_data(place, found), install)
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


def _for_its_data(place: Place, found: list[str]) -> list[str]:
    """Of these servers those that have made its data, or may read it. Raises NotFound."""
    head = _head_of_data(place)
    if not head.startswith((b"REDIS", b"VALKEY")):
        return found
    by_valkey = b"valkey-ver" in head
    own = [path for path in found if _is_valkey(path) is by_valkey]
    number = head.removeprefix(b"REDIS")[:4]
    if own or (number.isdigit() and int(number) <= _LAST_COMMON):
        return own or found
    name, install = ("Valkey", _VALKEY_INSTALL) if by_valkey else ("Redis", INSTALL)
    raise install.missing(f"{name} has made {place.data_dir}, and no server here reads it")


def _head_of_data(place: Place) -> bytes:
    """What the file begins with that the log goes on from: the format, and who wrote it."""
    logs = os.path.join(place.data_dir, "appendonlydir")
    words = (first_line(os.path.join(logs, "appendonly.aof.manifest")) or "").split(" ")
    if words[0] != "file" or len(words) < 2:
        return b""
    return first_bytes(os.path.join(logs, os.path.basename(words[1]))) or b""


def _is_valkey(program: str) -> bool:
    return "Valkey" in said_of_itself(program)


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


def _client(server: str, place: Place) -> tuple[str, ...]:
    """The client that came with a server, or another one, with where it connects."""
    names = ("valkey-cli", "redis-cli") if _is_valkey(server) else ("redis-cli", "valkey-cli")
    own = [path for name in names if (path := beside(server, name))]
    program = own[0] if own else common.client(names, CLIENT)
    return (program, "-h", place.address, "-p", str(place.port))


def _strict(client: tuple[str, ...]) -> tuple[str, ...]:
    """The client so that an error of the server is one of its own, which it knows since 7.0."""
    known = version(client[0])
    return (*client, "-e") if known and int(known.partition(".")[0]) >= 7 else client


def _asking(place: Place) -> tuple[tuple[str, str], ...]:
    return (("REDISCLI_AUTH", place.password), ("VALKEYCLI_AUTH", place.password))


def _shell(launch: Callable[[Place], Launch], place: Place) -> Step:
    client = _client(launch(place).argv[0], place)
    return Step(os.path.basename(client[0]), client, _asking(place))


def _dump(launch: Callable[[Place], Launch], place: Place) -> Step:
    client = _client(launch(place).argv[0], place)
    argv = (*_strict(client), "EVAL", _DUMP, "0", _BEGIN, _END)
    return Step("dumping the keys", argv, _asking(place))


def _restore(launch: Callable[[Place], Launch], place: Place) -> Step:
    client = _client(launch(place).argv[0], place)
    argv = (*client, "--pipe")
    return common.restoring(argv, _asking(place), end=_END, beginnings=(_BEGIN,))


def _reset(launch: Callable[[Place], Launch], place: Place) -> tuple[Step, ...]:
    client = _client(launch(place).argv[0], place)
    return (Step("removing all keys", (*_strict(client), "FLUSHALL"), _asking(place)),)


def database(launch: Callable[[Place], Launch]) -> Database:
    """What is done with the data, by the client of the server that `launch` runs.

    A dump has all keys of all its databases, with the time that is left to them: at most 512 MB.
    To restore them leaves the others as they are; a reset leaves none.
    """
    return Database(
        shell=partial(_shell, launch),
        dump=partial(_dump, launch),
        restore=partial(_restore, launch),
        reset=partial(_reset, launch),
    )


RECIPE = Recipe(
    name="redis",
    what="Redis",
    launch=launch,
    images=("redis",),
    options=(common.VERSION_OPTION, DURABLE_OPTION),
    database=database(launch),
)
