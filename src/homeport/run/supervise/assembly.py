"""From what a project declares to what is started: places, launches, environments.

Pure but for what the recipes look up (programs, versions) and the passwords that are made at the
first call. All ports are leased before, so that every reference can be resolved at once, whatever
starts first.
"""

from __future__ import annotations

import os

from homeport.host.files import make_private
from homeport.model.errors import BadInput, HomeportError
from homeport.model.record import NamedTuple
from homeport.model.route import Route, ServiceState
from homeport.model.service import Check, CheckKind, Place
from homeport.run.recipes import catalog
from homeport.run.supervise.instance import password_of
from homeport.wire.declaration.environment import environment, with_filled_checks
from homeport.wire.references import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeport.model.service import Declaration, Launch, Service
    from homeport.run.recipes.contract import Recipe
    from homeport.run.supervise.instance import Instance

LOOPBACK = "127.0.0.1"
_FRONT = ("web", "app", "site", "frontend")
_BINARIES = (".venv/bin", "venv/bin", "node_modules/.bin")


class Assembled(NamedTuple):
    """A service that can be started.

    `env` is all that its program gets. `needs` are the services that must be ready before. `hosts`
    are its names at the gateway, without `.localhost`.
    """

    service: Service
    place: Place
    launch: Launch
    env: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    hosts: tuple[str, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What references to it name."""
        return _facts(self.launch, self.place)

    @property
    def has_port(self) -> bool:
        """Whether it listens on the port of its place."""
        return self.service.has_port

    @property
    def is_web(self) -> bool:
        """Whether a browser can open it."""
        return self.has_port and self.launch.scheme == "http"

    def runs_unlike(self, other: Assembled) -> bool:
        """Whether it has to be started again to become the other one."""
        return self._running_part() != other._running_part()

    def _running_part(self) -> tuple[object, ...]:
        """All that a change of cannot be seen without a new start."""
        service = self.service
        rest = (service.directory, service.user, service.limits, service.health, service.has_port)
        return (self.launch, self.env, self.ready, self.needs, self.place.port, *rest)

    def needs_service(self, name: str) -> bool:
        """Whether it needs that service."""
        return name in self.needs

    @property
    def stop_signal(self) -> str:
        """With which signal it is asked to end: as declared, else as its recipe knows."""
        declared = self.service.stop_signal
        return self.launch.stop_signal or declared if declared == "TERM" else declared

    @property
    def ready(self) -> Check:
        """By what it is seen to be ready."""
        if self.service.ready is not None:
            return self.service.ready
        return self.launch.ready if self.has_port else Check(CheckKind.NOTHING)

    @property
    def url(self) -> str | None:
        """Where a program of this machine reaches it, without a password."""
        if not self.has_port:
            return None
        return f"{self.launch.scheme}://{self.place.address}:{self.place.port}"

    def route(self, state: ServiceState, told: tuple[str, ...]) -> Route:
        """How the gateway reaches it."""
        return Route(
            names=self.hosts,
            project=self.place.project,
            service=self.service.name,
            address=self.place.address,
            port=self.place.port,
            state=state,
            scheme=self.launch.scheme,
            lazy=self.service.lazy,
            guarded=self.service.guarded,
            told=told,
        )


def assemble(
    declaration: Declaration,
    instance: Instance,
    *,
    ports: Mapping[str, int],
    url_of: Callable[[str], str | None],
    environ: Mapping[str, str],
) -> dict[str, Assembled]:
    """Every service of a declaration, ready to be started, by name.

    `ports` has the leased port of each; `url_of` says under which URL the gateway
    serves a host. Raises `NotFound` where a program is missing, `BadInput` for a reference that
    leads nowhere, and what the state directory refuses.
    """
    hosts = hosts_of(declaration)
    launches = {}
    places = {}
    for service in declaration.services:
        url = url_of(hosts[service.name][0]) if service.has_port else None
        place = _place(declaration, instance, service, ports[service.name], url)
        places[service.name] = place
        launches[service.name] = _launch(service, place)
    facts = {name: _facts(launch, places[name]) for name, launch in launches.items()}
    return {
        service.name: _assembled(declaration, service, places, launches, facts, hosts, environ)
        for service in declaration.services
    }


def hosts_of(declaration: Declaration) -> dict[str, tuple[str, ...]]:
    """The names of each service at the gateway, the first one being its own, all unlike.

    The service that people mean by the project itself has the project's name, too.
    """
    branch = (declaration.branch,) if declaration.branch else ()
    project = ".".join((*branch, declaration.name))
    front = _front(declaration)
    taken: dict[str, str] = {}
    hosts = {}
    for service in declaration.services:
        wanted = [f"{service.name}.{project}", *service.names]
        wanted += [project] if service.name == front else []
        for host in wanted:
            if taken.setdefault(host, service.name) != service.name:
                raise BadInput(
                    f"{service.source}: {host}.localhost is already the name of {taken[host]}",
                    next_step=f"give {service.name} another one in `names`",
                )
        hosts[service.name] = tuple(dict.fromkeys(wanted))
    return hosts


def _front(declaration: Declaration) -> str | None:
    """The service that stands for its project."""
    names = [service.name for service in declaration.services if service.has_port]
    if len(names) == 1:
        return names[0]
    return next((name for name in _FRONT if name in names), None)


def _place(
    declaration: Declaration,
    instance: Instance,
    service: Service,
    port: int,
    url: str | None,
) -> Place:
    return Place(
        service=service,
        root=declaration.root,
        port=port,
        data_dir=instance.data_dir(service.name),
        # A command of the project's own knows none; each one that is made waits for the disk.
        password="" if service.recipe is None else password_of(instance, service.name),
        address=LOOPBACK,
        url=url,
        project=declaration.name,
    )


def _launch(service: Service, place: Place) -> Launch:
    recipe = _recipe(service)
    try:
        if service.recipe is not None:
            make_private(place.data_dir)
        return recipe.launch(place)
    except HomeportError as error:
        error.what = f"{service.name}: {error.what}"
        raise


def _recipe(service: Service) -> Recipe:
    """The recipe of a service; raises `BadInput` for an unknown one, or an option it has not."""
    name = service.recipe or "command"
    recipe = catalog().get(name)
    if recipe is None:
        raise _unknown(f"{service.source}: there is no recipe", name, list(catalog()))
    known = [option for option, _ in recipe.options]
    for option, _ in service.options:
        if option not in known:
            raise _unknown(f"{service.source}: the recipe {name} has no option", option, known)
    return recipe


def _unknown(what: str, name: str, known: list[str]) -> BadInput:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    step = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
    return BadInput(f"{what} {name!r}", next_step=step)


def _facts(launch: Launch, place: Place) -> dict[str, str]:
    known = {"host": place.address, "port": str(place.port)}
    public = {"public_url": place.url} if place.url else {}
    return {**known, **public, **dict(launch.facts)}


def _assembled(
    declaration: Declaration,
    service: Service,
    places: Mapping[str, Place],
    launches: Mapping[str, Launch],
    facts: Mapping[str, Mapping[str, str]],
    hosts: Mapping[str, tuple[str, ...]],
    environ: Mapping[str, str],
) -> Assembled:
    launch, place = launches[service.name], places[service.name]
    env = environment(
        declaration,
        service,
        outer=_with_project_programs(environ, place),
        facts=facts,
        exports=[pair for name in service.needs for pair in launches[name].exports],
        own=[*launch.env, *_own(declaration, place)],
    )
    argv = tuple(resolve(word, facts, f"{service.source}, run") for word in launch.argv)
    return Assembled(
        service=with_filled_checks(service, facts),
        place=place,
        launch=launch._replace(argv=argv),
        env=tuple(env.items()),
        needs=service.needs,
        hosts=hosts[service.name],
    )


def _with_project_programs(environ: Mapping[str, str], place: Place) -> dict[str, str]:
    """The environment with the project's own programs first, as in an activated one."""
    roots = dict.fromkeys((place.service.directory, place.root))
    ours = [os.path.join(root, each) for root in roots for each in _BINARIES]
    present = [path for path in ours if os.path.isdir(path)]
    return {**environ, "PATH": os.pathsep.join([*present, environ.get("PATH", os.defpath)])}


def _own(declaration: Declaration, place: Place) -> list[tuple[str, str]]:
    """What Homeport tells every service; also a worker has a port, in case it wants one."""
    told = [
        ("PORT", str(place.port)),
        ("HOST", place.address),
        ("HOMEPORT_PROJECT", declaration.name),
        ("HOMEPORT_SERVICE", place.service.name),
    ]
    return [*told, ("HOMEPORT_URL", place.url)] if place.url else told
