"""MongoDB: a server of its own for each project and worktree, one account, TCP only.

MongoDB lets whoever comes first over loopback make the first account. Here it never does: it runs
with a key of its own, and Homeport makes the account as the one who has that key. Its journal is
written ten times a second, so `kill -9` may lose the last 0.1 s of writes that did not wait for
it, and never more.
"""

from __future__ import annotations

import os
from hashlib import sha256

from homeport.host.database_programs import in_python_environment, programs
from homeport.host.programs import this_python
from homeport.model.service import Check, CheckKind, Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Database, Recipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install(
    "MongoDB server",
    None,
    "mongodb/brew/mongodb-community",
    "on Debian or Ubuntu: the package mongodb-org from MongoDB's own repository",
)
SHELL = common.Install(
    "mongosh", None, "mongosh", "with npm, on any system: npm install -g mongosh"
)
_PLACES = ("/opt/homebrew/opt/mongodb-community*/bin", "/usr/local/opt/mongodb-community*/bin")
_WHEEL = "site-packages/fiftyone/db/bin/mongod"

_CONFIGURE = """
mkdir -p "$1/mongodb"
printf '%s\\n' "$HOMEPORT_KEY" >"$1/key.draft"
chmod 400 "$1/key.draft"
mv -f "$1/key.draft" "$1/key"
"""

_SHELL = "db = connect(process.env.MONGODB_URI)"


def launch(place: Place) -> Launch:
    """MongoDB on the leased port."""
    found = (*programs("mongod", *_PLACES), *in_python_environment(place.root, _WHEEL))
    program = common.chosen(place, found, INSTALL)
    user, database, url = _user(place), _database(place), _url(place)
    made = os.path.join(place.data_dir, f"has-{user}")
    key = _key(place)
    what = "writing its key"
    return Launch(
        argv=(program, *_settings(place)),
        ready=Check(CheckKind.LOG, "Waiting for connections"),
        scheme="mongodb",
        facts=common.login_facts(place, url, user=user, database=database),
        exports=common.exported(
            place,
            url,
            *((name, url) for name in ("DATABASE_URL", "MONGODB_URI", "MONGODB_URL", "MONGO_URL")),
        ),
        secrets=common.SECRETS,
        before=(common.script(what, _CONFIGURE, place.data_dir, env=(("HOMEPORT_KEY", key),)),),
        after=(_admin(place, f"making the account {user}", "account", made, unless=made),),
    )


def _settings(place: Place) -> tuple[str, ...]:
    return (
        "--dbpath",
        os.path.join(place.data_dir, "mongodb"),
        "--bind_ip",
        place.address,
        "--port",
        str(place.port),
        "--nounixsocket",
        "--auth",
        "--keyFile",
        os.path.join(place.data_dir, "key"),
        "--setParameter",
        "enableLocalhostAuthBypass=false",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        # By default each one takes half of the machine's memory.
        "--wiredTigerCacheSizeGB",
        "0.5",
    )


def _admin(place: Place, what: str, *action: str, unless: str | None = None) -> Step:
    module = (this_python(), "-P", "-m", "homeport.host.mongodb_admin")
    argv = (*module, *action, place.address, str(place.port), _user(place))
    return Step(what, argv, (("HOMEPORT_KEY", _key(place)), *common.secret(place)), unless)


def _key(place: Place) -> str:
    """The key of the server's internal user: nothing that has to be kept beside the password."""
    return sha256(f"key of {place.password}".encode()).hexdigest()


def _user(place: Place) -> str:
    return common.name_of(place, "user", ("MONGO_INITDB_ROOT_USERNAME",), "root")


def _database(place: Place) -> str:
    default = common.project_name(place)
    return common.name_of(place, "database", ("MONGO_INITDB_DATABASE",), default)


def _url(place: Place) -> str:
    login = f"{_user(place)}:{place.password}@{place.address}:{place.port}"
    return f"mongodb://{login}/{_database(place)}?authSource=admin"


def shell(place: Place) -> Step:
    """Mongosh, connected by a line of its own: its URL would stand on the command line."""
    program = common.client(("mongosh",), SHELL)
    argv = (program, "--nodb", "--quiet", "--eval", _SHELL, "--shell")
    return Step("mongosh", argv, (("MONGODB_URI", _url(place)),))


def dump(place: Place) -> Step:
    """Its one database, in a format of Homeport's own: MongoDB's tools are seldom there."""
    return _dumping(place, "dumping the database", "dump")


def restore(place: Place) -> Step:
    """The collections of a dump replace those of the same name."""
    from homeport.host.mongodb_dump import END, MAGIC

    step = _dumping(place, "restoring the database", "restore")
    end, begin = (text.decode().strip() for text in (END, MAGIC))
    return common.restoring(step.argv, step.env, end=end, beginnings=(begin,))


def _dumping(place: Place, what: str, action: str) -> Step:
    module = (this_python(), "-P", "-m", "homeport.host.mongodb_dump", action)
    argv = (*module, _database(place), place.address, str(place.port))
    return Step(what, argv, (("HOMEPORT_KEY", _key(place)),))


def reset(place: Place) -> tuple[Step, ...]:
    """Every database goes, and every account but the one."""
    return (_admin(place, "resetting the database", "reset"),)


RECIPE = Recipe(
    name="mongodb",
    what="MongoDB",
    launch=launch,
    images=("mongo", "mongodb-community-server"),
    options=(common.VERSION_OPTION, common.DATABASE_OPTION, common.USER_OPTION),
    database=Database(shell=shell, dump=dump, restore=restore, reset=reset),
)
