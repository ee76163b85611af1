"""memcached: a cache of its own for each project and worktree, in memory only.

Most clients cannot log in to memcached, so by default nobody has to: every user of this machine
can connect to it, and only they. `login = true` asks for the password, by the text protocol's
authentication (memcached 1.5.15 and later, for clients that know it).
"""

from __future__ import annotations

import os

from homeport.host.database_programs import programs
from homeport.host.demoted import demotion, home_of
from homeport.model.record import NamedTuple
from homeport.model.service import Launch, Step
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.options import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install("memcached", "memcached", "memcached")

_CONFIGURE = """
printf '%s:%s\\n' "$2" "$HOMEPORT_PASSWORD" >"$1.draft"
mv "$1.draft" "$1"
"""


class _Login(NamedTuple):
    """Who has to log in, and how memcached is told."""

    user: str | None = None
    argv: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()


def launch(place: Place) -> Launch:
    """Memcached on the leased port."""
    program = common.chosen(place, programs("memcached"), INSTALL)
    prefix = demotion("memcache")
    login = _login(place, prefix)
    address = f"{place.address}:{place.port}"
    url = f"memcached://{_who(place, login)}{address}"
    told = ("-l", place.address, "-p", str(place.port), "-U", "0", *login.argv)
    facts = common.login_facts(place, url, user=login.user, database=None)
    return Launch(
        argv=(*prefix, program, *told),
        scheme="memcached",
        facts=tuple(fact for fact in facts if login.user or fact[0] != "password"),
        exports=common.exported(
            place,
            url,
            ("MEMCACHED_URL", url),
            ("MEMCACHED_HOST", place.address),
            ("MEMCACHED_PORT", str(place.port)),
            ("MEMCACHE_SERVERS", address),
        ),
        secrets=common.SECRETS if login.user else (),
        before=login.before,
    )


def _login(place: Place, prefix: tuple[str, ...]) -> _Login:
    if not is_on(place.service, "login", default=False):
        return _Login()
    user = common.name_of(place, "user", (), common.project_name(place))
    home = home_of(place.data_dir, prefix)
    file = os.path.join(home, "logins")
    env = common.secret(place)
    write = common.script("writing its login", _CONFIGURE, file, user, env=env, prefix=prefix)
    return _Login(user, ("-Y", file), (*common.own_home(home, prefix), write))


def _who(place: Place, login: _Login) -> str:
    return f"{login.user}:{place.password}@" if login.user else ""


RECIPE = Recipe(
    name="memcached",
    what="memcached",
    launch=launch,
    images=("memcached",),
    options=(
        common.VERSION_OPTION,
        common.USER_OPTION,
        ("login", "true: clients have to log in, which few of them can"),
    ),
)
