"""RabbitMQ: a broker of its own for each project and worktree, one account.

Erlang's nodes find one another through a daemon that the first of them starts and that stays. Here
there is none: a small module takes its place and keeps the one port that there is to know in a
file. So all that listens is the leased port and, for `rabbitmqctl`, one that the kernel assigns,
both on loopback; and the broker leaves no process behind.
"""

from __future__ import annotations

import os
from hashlib import sha256

from homeport.host.database_programs import beside, exists, programs
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install("RabbitMQ server", "rabbitmq-server", "rabbitmq")
COMPILER = common.Install("Erlang compiler (erlc)", "erlang-base", "erlang")

# Debian's command on the PATH would change to a user of its own.
_PLACES = (
    "/usr/lib/rabbitmq/bin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
)
_NODE = "homeport@localhost"

# For every program in Erlang: no daemon, the module below instead of it, and loopback only. The
# broker once asks the daemon's own module for its port, which gives back what stands here.
_FLAGS = (
    "-start_epmd false -erl_epmd_port 1 -epmd_module homeport_epmd"
    " -kernel inet_dist_use_interface {127,0,0,1}"
)

# The callbacks of a module for -epmd_module (Erlang's manual, "Alternative node discovery").
_MODULE = """
-module(homeport_epmd).
-export([start_link/0, register_node/2, register_node/3, port_please/2, port_please/3,
         address_please/3, listen_port_please/2, names/1]).

start_link() -> ignore.

register_node(Name, Port) -> register_node(Name, Port, inet).

register_node(Name, Port, _Family) ->
    case unicode:characters_to_list(io_lib:format("~ts", [Name])) of
        "homeport" -> ok = file:write_file(file(), integer_to_list(Port));
        _ -> ok
    end,
    {ok, rand:uniform(16#7fffffff)}.

port_please(Name, Host) -> port_please(Name, Host, infinity).

port_please(_Name, _Host, _Timeout) ->
    case file:read_file(file()) of
        {ok, Port} -> {port, binary_to_integer(Port), 6};
        _ -> noport
    end.

address_please(_Name, _Host, inet) -> {ok, {127, 0, 0, 1}};
address_please(_Name, _Host, _Family) -> {error, nxdomain}.

listen_port_please(_Name, _Host) ->
    {ok, Socket} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Socket),
    ok = gen_tcp:close(Socket),
    {ok, Port}.

names(_Host) -> {ok, []}.

file() -> filename:join(filename:dirname(code:which(?MODULE)), "port").
"""

_COMPILE = """
rm -rf "$2/erlang.draft" "$2/erlang"
mkdir -p "$2/erlang.draft/homeport_epmd/ebin"
cd "$2/erlang.draft/homeport_epmd/ebin"
printf '%s' "$3" >homeport_epmd.erl
"$1" homeport_epmd.erl
mv "$2/erlang.draft" "$2/erlang"
"""

_CONFIGURE = """
printf 'default_user = %s\\ndefault_pass = %s\\n' "$2" "$HOMEPORT_PASSWORD" >"$1/rabbitmq.conf"
: >"$1/none"
[ -e "$1/plugins" ] || printf '[].\\n' >"$1/plugins"
printf '%s' "$HOMEPORT_COOKIE" >"$1/cookie.draft"
chmod 400 "$1/cookie.draft"
mv -f "$1/cookie.draft" "$1/.erlang.cookie"
rm -f "$1/erlang/homeport_epmd/ebin/port"
"""

_SHELL = """
printf 'rabbitmqctl and rabbitmq-diagnostics speak to this broker here.\\n'
exec "${SHELL:-/bin/sh}" -i
"""

_RESET = '"$1" -q stop_app; "$1" -q reset; "$1" -q start_app'


def launch(place: Place) -> Launch:
    """RabbitMQ on the leased port."""
    program, user = _server(), _user(place)
    url = f"amqp://{user}:{place.password}@{place.address}:{place.port}/%2F"
    return Launch(
        argv=(program,),
        env=_environment(place),
        # It listens for a moment to see whether it could, long before it can answer.
        ready=Check(CheckKind.LOG, "Server startup complete"),
        scheme="amqp",
        facts=common.login_facts(place, url, user=user, database="/"),
        exports=common.exported(
            place, url, *((name, url) for name in ("AMQP_URL", "RABBITMQ_URL", "CLOUDAMQP_URL"))
        ),
        secrets=common.SECRETS,
        before=_preparation(place, user),
    )


def _server() -> str:
    own = [os.path.join(place, "rabbitmq-server") for place in _PLACES]
    found = [path for path in own if exists(path)] or list(programs("rabbitmq-server"))
    if not found:
        raise INSTALL.missing("neither the PATH nor the usual places have it")
    return found[0]


def _preparation(place: Place, user: str) -> tuple[Step, ...]:
    compiler = common.client(("erlc",), COMPILER)
    made = os.path.join(place.data_dir, "erlang")
    args = (compiler, place.data_dir, _MODULE)
    cookie = sha256(f"cookie of {place.password}".encode()).hexdigest()
    env = (("HOMEPORT_COOKIE", cookie), *common.secret(place))
    return (
        common.script("making its register of names", _COMPILE, *args, unless=made),
        common.script("writing its account", _CONFIGURE, place.data_dir, user, env=env),
    )


def _environment(place: Place) -> tuple[tuple[str, str], ...]:
    """What the broker needs, and the programs that speak to it."""

    def inside(name: str) -> str:
        return os.path.join(place.data_dir, name)

    return (
        ("HOME", place.data_dir),
        ("ERL_LIBS", inside("erlang")),
        ("ERL_ZFLAGS", _FLAGS),
        ("ERL_CRASH_DUMP_BYTES", "0"),
        ("RABBITMQ_CONF_ENV_FILE", inside("none")),
        ("RABBITMQ_CONFIG_FILE", inside("rabbitmq.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", inside("plugins")),
        ("RABBITMQ_MNESIA_BASE", inside("mnesia")),
        ("RABBITMQ_LOG_BASE", inside("log")),
        ("RABBITMQ_LOGS", "-"),
        ("RABBITMQ_NODENAME", _NODE),
        ("RABBITMQ_NODE_IP_ADDRESS", place.address),
        ("RABBITMQ_NODE_PORT", str(place.port)),
        # It only sees whether this one could be used; the module chooses another.
        ("RABBITMQ_DIST_PORT", str(place.port)),
    )


def _user(place: Place) -> str:
    return common.name_of(place, "user", ("RABBITMQ_DEFAULT_USER",), common.project_name(place))


def shell(place: Place) -> Step:
    """A shell in which the broker's own programs speak to it."""
    directory = os.path.dirname(_control())
    text = f'PATH="$1:$PATH"; export PATH{_SHELL}'
    return common.script("a shell for rabbitmqctl", text, directory, env=_environment(place))


def _control() -> str:
    own = beside(_server(), "rabbitmqctl")
    if own is None:
        raise INSTALL._replace(what="rabbitmqctl").missing("the server has none beside it")
    return own


def reset(place: Place) -> tuple[Step, ...]:
    """Queues, exchanges and accounts go, and the one account is made again."""
    args = (_control(),)
    return (common.script("resetting the broker", _RESET, *args, env=_environment(place)),)


RECIPE = Recipe(
    name="rabbitmq",
    what="RabbitMQ",
    launch=launch,
    images=("rabbitmq",),
    options=(common.USER_OPTION,),
    database=Database(shell=shell, reset=reset),
)
