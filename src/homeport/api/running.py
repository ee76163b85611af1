"""The use cases of running: a project's services, one command, and what is asked of them later."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NoReturn

    from homeport.host.outlet import Outlet
    from homeport.model.service import Declaration, Step
    from homeport.model.status import ProjectStatus
    from homeport.run.supervise.attaching import Attached
    from homeport.run.supervise.following import Line, Told
    from homeport.run.supervise.manner import Manner
    from homeport.run.supervise.running_service import RunningService
    from homeport.run.supervise.starting import Audience


def declaration(directory: str = ".") -> Declaration:
    """What the project of a directory declares, from homeport.toml or whatever else says it.

    Raises `BadInput` with all that is wrong with it, `NotFound` where there is nothing to run.
    """
    from homeport.run.declaring import declaration as declared

    return declared(directory)


def up(
    directory: str = ".",
    *,
    audience: Audience,
    services: Sequence[str] = (),
    background: bool = False,
) -> int:
    """Starts the services of a directory's project, and runs them until they are stopped.

    With `background` returns once each of them is ready or will not be. Where they run already
    the declaration is read again, and only what has changed is changed. The exit status: 0 fine,
    1 where a service failed. Raises what is wrong with the declaration; nothing is started then.
    Installs signal handlers and forks: to be called in the main thread of a process without
    others.
    """
    from homeport.run.supervise.bringing_up import bring_up

    return bring_up(
        lambda: declaration(directory),
        audience=audience,
        manner=_manner(services),
        background=background,
    )


def outlet(descriptor: int) -> Outlet | None:
    """A way to the terminal, pipe or socket of a descriptor for which `up` never waits.

    None where there is none: a file takes everything, and somebody else's terminal is not ours to
    open. Linux.
    """
    from homeport.host.outlet import outlet as made

    return made(descriptor)


def _manner(services: Sequence[str] = ()) -> Manner:
    """How services are run from here: with our environment, and leases that tell who has a port.

    They trust the local authority, where there is one: the environment is that of the moment in
    which the first `up` begins, so that a later `up` restarts nothing for it.
    """
    import os

    from homeport.api.leasing import acquire
    from homeport.run.supervise.manner import Manner

    environ = {**os.environ, **_trusting()}
    return Manner(environ, acquire, services=tuple(services), check=check_command())


def _trusting() -> dict[str, str]:
    """Variables by which services trust the local authority; none where that cannot be had."""
    from homeport.api.trusting import client_environment
    from homeport.model.errors import HomeportError

    try:
        return client_environment()
    except HomeportError:
        return {}  # a full disk, for instance: services run all the same


def check_command() -> tuple[str, ...]:
    """`homeport check --json` as a process of its own: for a supervisor, which must not wait."""
    import sys

    return (sys.executable, "-P", "-m", "homeport", "check", "--json")


def projects() -> tuple[ProjectStatus, ...]:
    """The projects of this user whose services run, and how those are."""
    from homeport.run.supervise.client import running

    return tuple(status for _, status in running())


def service_names(directory: str = ".") -> list[str]:
    """The services of a directory's project: those that run, and those that it declares.

    What cannot be read says nothing: this is for a shell, which completes a word.
    """
    from contextlib import suppress

    from homeport.model.errors import HomeportError

    names: list[str] = []
    with suppress(HomeportError):
        names += [each.name for each in project_status(directory).services]
    with suppress(HomeportError):
        names += [each.name for each in declaration(directory).services]
    return sorted(set(names))


def project_status(directory: str = ".") -> ProjectStatus:
    """How the services of a directory's project are; raises `NotFound` where none run."""
    from homeport.run.supervise.client import client_for

    with client_for(directory) as client:
        return client.status()


def ask_services(
    action: str,
    directory: str = ".",
    services: Sequence[str] = (),
    *,
    audience: Audience,
    force: bool = False,
) -> ProjectStatus:
    """Has services of a running project started, stopped or restarted (`action`), and waits.

    `down` stops all of them and their supervisor. Raises `NotFound` where nothing runs, `BadInput`
    for a service that there is not.
    """
    from homeport.run.supervise.client import client_for
    from homeport.run.supervise.following import carried_out
    from homeport.wire.supervision import Request

    with client_for(directory) as client:
        request = Request(action, tuple(services), force=force)
        return carried_out(client, request, audience)


def stop_all(*, audience: Audience, force: bool = False) -> tuple[ProjectStatus, ...]:
    """Stops the services of all projects of this user, and their supervisors."""
    from contextlib import suppress

    from homeport.run.supervise.client import Ending, connect, running
    from homeport.run.supervise.following import carried_out
    from homeport.wire.supervision import Request

    stopped = []
    for path, _ in running():
        client = connect(path)
        if client is not None:
            with client, suppress(Ending):  # somebody else has stopped it: on to the next one
                stopped.append(carried_out(client, Request("down", force=force), audience))
    return tuple(stopped)


def follow(directory: str = ".", services: Sequence[str] = (), *, tail: int = 0) -> Iterator[Told]:
    """What services print and become from now on, after their `tail` last lines.

    Ends with the supervisor. Raises as `ask_services`.
    """
    from homeport.run.supervise.client import client_for
    from homeport.run.supervise.following import followed
    from homeport.wire.supervision import Request

    with client_for(directory) as client:
        client.send(Request("follow", tuple(services), tail=tail))
        yield from followed(client)


def kept_lines(
    directory: str = ".", services: Sequence[str] = (), *, tail: int = 100
) -> list[Line]:
    """The last lines of services, the earliest first, whether they run or not.

    Raises `NotFound` where nothing has ever run, or not that service.
    """
    from homeport.run.supervise.kept import kept_lines as kept

    return kept(directory, tuple(services), tail)


def service_environment(directory: str = ".", service: str | None = None) -> dict[str, str]:
    """What programs beside the running services need: DATABASE_URL and the like.

    With `service` all that this one itself was given. It holds passwords. Raises as
    `ask_services`.
    """
    from homeport.run.supervise.client import client_for
    from homeport.wire.supervision import Request

    with client_for(directory) as client:
        names = () if service is None else (service,)
        answer = client.answer(Request("environment", names), "environment")
    return {str(key): str(value) for key, value in dict(answer).items()}  # type: ignore[call-overload]


def database_steps(
    what: str, directory: str = ".", service: str | None = None
) -> tuple[tuple[Step, ...], str]:
    """The programs for a `shell`, a `dump`, to `restore` or `reset` a running database, and where.

    Raises `BadInput` where it is not clear which one is meant, `NotSupported` for what a database
    does not know, `NotFound` for a missing program.
    """
    from homeport.model.service import Step
    from homeport.run.supervise.client import client_for
    from homeport.wire.supervision import Request

    with client_for(directory) as client:
        names = () if service is None else (service,)
        answer = client.answer(Request("database", names, what=what), "steps")
        root = client.status().root
    return tuple(_step(Step, fields) for fields in answer), root  # type: ignore[attr-defined]


def write_output(step: Step, root: str, environment: Mapping[str, str], to: int) -> int:
    """Runs a program in a directory, and writes all that it prints to a descriptor.

    Its exit status. `environment` is all that it has besides the step's own variables. Raises
    `NotFound` for a missing program, `StateUnusable` where not all could be written.
    """
    from homeport.host.running import pass_on

    return pass_on(step.argv, cwd=root, env={**environment, **dict(step.env)}, to=to)


def _step(kind: type[Step], fields: dict[str, object]) -> Step:
    argv = tuple(str(word) for word in fields["argv"])  # type: ignore[attr-defined]
    env = tuple((str(key), str(value)) for key, value in fields["env"])  # type: ignore[attr-defined]
    return kind(what=str(fields["what"]), argv=argv, env=env)


def attach(service: str, directory: str = ".", *, rows: int, columns: int) -> Attached:
    """The terminal of a running service, to type into and to read from; to be closed.

    Raises as `ask_services`, and `HomeportError` where somebody is attached already.
    """
    from homeport.run.supervise.attaching import Attached
    from homeport.run.supervise.client import client_for

    return Attached(client_for(directory), service, rows, columns)


def run_command(argv: Sequence[str], *, name: str | None = None, port: int | None = None) -> int:
    """Runs one command on a leased port, under a name at the gateway; its exit status.

    It has our terminal, PORT, HOST and HOMEPORT_URL in its environment, and `{port}` in its
    arguments is replaced. Raises `NotFound` for a program that there is not, `PortTaken`.
    """
    from homeport.run.one import run_one

    return run_one(tuple(argv), name=name, port=port, manner=_manner())


def become_command(argv: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Replaces this process by a program with these variables besides; raises `NotFound`."""
    from homeport.host.becoming import become

    become(argv, variables, ())


def start_service(
    name: str,
    *,
    directory: str = ".",
    part: str = "tests",
    options: Mapping[str, str] | None = None,
) -> RunningService:
    """Starts a service for this program alone, and waits until it is ready.

    `name` is a recipe's, or that of a service which the project of `directory` declares. Of one
    directory several run beside each other when `part` differs; data are kept for the next time.
    `options` are the recipe's. It ends with this program, however that ends. Raises
    `HomeportError` where it does not become ready, with what it printed.
    """
    from homeport.run.supervise.embedded import Embedded, Wanted
    from homeport.run.supervise.running_service import RunningService

    given = tuple((options or {}).items())
    wanted = Wanted(directory, (name,), part, given, check_command())
    embedded = Embedded(wanted)
    embedded.start()
    return RunningService(name, embedded)
