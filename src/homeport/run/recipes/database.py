"""What the recipes of databases share: names, logins, programs to be found, steps in `sh`.

A password goes from Homeport to a program by environment, and from there into files of mode 0600
in the service's own directory. It is never a word of a command line, which everybody may read.
"""

from __future__ import annotations

import re

from homeport.host.database_programs import programs, version
from homeport.host.demoted import owner_of
from homeport.host.programs import this_python
from homeport.model.errors import BadInput, NotFound
from homeport.model.record import NamedTuple
from homeport.model.service import Step
from homeport.run.recipes.options import option
from homeport.run.recipes.web import variable_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from homeport.model.service import Place

PASSWORD = "HOMEPORT_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable in which a step gets the password."""

VERSION_OPTION = ("version", "which version to run, as it begins: 15, 10.11")
DATABASE_OPTION = ("database", "the name of its database; without it that of the project")
USER_OPTION = ("user", "the name to log in with")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")


class Install(NamedTuple):
    """What brings a program that is missing. `more` is another way, a sentence."""

    what: str
    debian: str | None
    homebrew: str | None
    more: str | None = None

    def missing(self, why: str) -> NotFound:
        """The error that says so."""
        ways = [
            f"on Debian or Ubuntu: apt install {self.debian}" if self.debian else None,
            f"on macOS: brew install {self.homebrew}" if self.homebrew else None,
            self.more,
        ]
        told = "; ".join(way for way in ways if way)
        return NotFound(f"there is no {self.what}", why=why, next_step=told)


def name_of(place: Place, key: str, variables: Iterable[str], default: str) -> str:
    """A name of a user or a database: the option's, a container image's variable, or `default`.

    Letters, digits, `_` and `-` only, so that it stands in SQL and in a URL as it is. Raises
    BadInput.
    """
    env = dict(place.service.env)
    declared = [option(place.service, key), *(env.get(name) for name in variables)]
    value = next((each for each in declared if each and "${" not in each), default)
    if _NAME.fullmatch(value) is None:
        raise BadInput(
            f"{value!r} cannot be the {key} of {place.service.name}",
            why="it takes letters, digits, _ and -, at most 63, and begins with a letter or _",
            next_step=f"correct it in {place.service.source}",
        )
    return value


def project_name(place: Place, default: str = "app") -> str:
    """The project's name as one of a database: `my-shop` is `my_shop`."""
    name = re.sub(r"[^a-z0-9]+", "_", place.project.lower()).strip("_")
    return f"_{name}"[:63] if name[:1].isdigit() else name[:63] or default


def chosen(place: Place, found: Iterable[str], install: Install, *, flag: str = "--version") -> str:
    """Of the programs that were found the first that has the version wanted. Raises NotFound."""
    paths = tuple(found)
    wanted = option(place.service, "version")
    if not paths:
        raise install.missing("neither the PATH nor the usual places have it")
    if wanted is None:
        return paths[0]
    versions = {path: version(path, flag) or "unknown" for path in paths}
    for path, is_version in versions.items():
        if is_of(is_version, wanted):
            return path
    raise install.missing(f"version {wanted} is wanted; {_told(versions)}")


def is_of(is_version: str, wanted: str) -> bool:
    """Whether `15.4` is of version `15`; `1.5` is not."""
    return f"{is_version}.".startswith(f"{wanted.rstrip('.')}.")


def _told(versions: Mapping[str, str]) -> str:
    return "there is " + ", ".join(f"{number} ({path})" for path, number in versions.items())


def client(names: Iterable[str], install: Install) -> str:
    """The path of the first client program that there is. Raises NotFound."""
    for name in names:
        if found := programs(name):
            return found[0]
    raise install.missing("its client program is on no PATH")


def script(
    what: str,
    text: str,
    *args: str,
    env: Iterable[tuple[str, str]] = (),
    unless: str | None = None,
    prefix: tuple[str, ...] = (),
) -> Step:
    """A step in `sh`, which ends at the first failure and makes files for this user only."""
    argv = (*prefix, "/bin/sh", "-c", f"set -eu\numask 077\n{text}", "sh", *args)
    return Step(what, argv, tuple(env), unless)


def restoring(
    argv: tuple[str, ...], env: Iterable[tuple[str, str]], *, end: str, beginnings: Iterable[str]
) -> Step:
    """The step of a program that restores a dump, which gets none that is cut off.

    A dump is told by one of its `beginnings`, and is whole where it has its `end`.
    """
    module = (this_python(), "-P", "-m", "homeport.host.whole_dump")
    return Step("restoring the data", (*module, end, *beginnings, "--", *argv), tuple(env))


def own_home(home: str, prefix: tuple[str, ...]) -> tuple[Step, ...]:
    """The step that makes a directory for the user whom `prefix` makes of root, where it does."""
    owner = owner_of(prefix)
    if owner is None:
        return ()
    text = 'mkdir -p -m 711 "${1%/*}"; mkdir -m 700 "$1"; chown "$2" "$1"'
    return (script("making its directory", text, home, owner, unless=home),)


def secret(place: Place) -> tuple[tuple[str, str], ...]:
    """The environment that gives a script the password."""
    return ((PASSWORD, place.password),)


def login_facts(
    place: Place, url: str, *, user: str | None, database: str | None
) -> tuple[tuple[str, str], ...]:
    """What references may name: `${db.url}`, `${db.password}`."""
    facts = {
        "url": url,
        "host": place.address,
        "port": str(place.port),
        "user": user,
        "password": place.password,
        "database": database,
    }
    return tuple((name, value) for name, value in facts.items() if value is not None)


def exported(place: Place, url: str, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """What services that need it get: its URL under its own name, and what frameworks read."""
    return tuple({f"{variable_of(place.service.name)}_URL": url, **dict(more)}.items())


SECRETS = ("url", "password")
"""The facts of a database that must not be shown."""
