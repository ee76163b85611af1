"""What a project declares and Homeport runs: services, and how they are told to be well.

A `Service` says what somebody wrote down, in homeport.toml, a Procfile, or anywhere else; a
`Launch` is how it is started on this machine, which its recipe knows.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple

SECOND_MS = 1000


class CheckKind(StrEnum):
    """By what a service is seen to be ready, or healthy.

    TCP: its port takes a connection. HTTP: a path is answered with a status below 400; without a
    path, a line that is no request is refused, which no handler of the application sees. LOG: a
    line that it prints matches a regular expression. COMMAND: a program ends with status 0.
    NOTHING: a worker without a port is ready once it runs.
    """

    TCP = "tcp"
    HTTP = "http"
    LOG = "log"
    COMMAND = "command"
    NOTHING = "nothing"


class Check(NamedTuple):
    """One way to see that a service is well.

    `value` is a path for HTTP, a regular expression for LOG, a shell command for COMMAND. For
    readiness `timeout_ms` bounds the whole wait; for health it bounds one look, and there is one
    each `interval_ms`; `failures` in a row make the service unhealthy.
    """

    kind: CheckKind = CheckKind.TCP
    value: str = ""
    timeout_ms: int = 60 * SECOND_MS
    interval_ms: int = 10 * SECOND_MS
    failures: int = 3


class Restart(StrEnum):
    """When a service that has ended is started again."""

    ALWAYS = "always"
    ON_FAILURE = "on-failure"
    NEVER = "never"


class Limits(NamedTuple):
    """What a service may take; None is no limit. `cpus` counts processors, 0.5 is half of one."""

    memory_bytes: int | None = None
    cpus: float | None = None
    processes: int | None = None
    open_files: int | None = None


class Service(NamedTuple):
    """One service as it was declared.

    `run` is a command line for `sh`, None where the recipe knows what to run. `recipe` names a
    recipe, None for a plain command. `port` is the one that is wanted, None for a leased one;
    `has_port` is false for workers that listen nowhere. `needs` names the services that have to be
    ready before. `ready` None leaves it to the recipe. `env` keeps its references (`${db.url}`).
    `names` are hosts under localhost, without the ending, beside the one that it has anyway.
    `directory` and the globs in `watch` are absolute. `guarded` has the gateway look at each
    request. `options` belong to the recipe.
    `source` says where it was declared: `homeport.toml:12`.
    """

    name: str
    directory: str
    source: str
    run: str | None = None
    recipe: str | None = None
    port: int | None = None
    has_port: bool = True
    needs: tuple[str, ...] = ()
    ready: Check | None = None
    health: Check | None = None
    restart: Restart = Restart.ON_FAILURE
    watch: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    user: str | None = None
    limits: Limits = Limits()
    stop_signal: str = "TERM"
    stop_ms: int = 10 * SECOND_MS
    lazy: bool = False
    guarded: bool = False
    options: tuple[tuple[str, str], ...] = ()


class Declaration(NamedTuple):
    """All that a project declares.

    `name` is a label for host names: lower case letters, digits and hyphens. `branch` is the
    label of the git branch in a linked worktree, None elsewhere. `source` is the file, or what
    else the services were found from. `env` is what `[env]` says, `dotenv` what the file `.env`
    does; both keep their references. `notes` are sentences about what was left out.
    """

    root: str
    name: str
    branch: str | None
    source: str
    services: tuple[Service, ...]
    env: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    dotenv: tuple[tuple[str, str], ...] = ()


class Hold(StrEnum):
    """What becomes of the lease's own socket when the service starts.

    KEPT: the service binds the port while it is held, which needs SO_REUSEADDR there. LET_GO: it
    is closed just before the service's program starts. HANDED: the service inherits a listening
    socket, as descriptor 3, LISTEN_FDS (sd_listen_fds(3)) saying so.
    """

    KEPT = "kept"
    LET_GO = "let go"
    HANDED = "handed over"


class Step(NamedTuple):
    """A program that has to run once, before the service starts or after it answers.

    `what` is said while it runs: "making the database". Where the file `unless` exists it is
    skipped; it has to make that file itself, last.
    """

    what: str
    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    unless: str | None = None
    timeout_ms: int = 120 * SECOND_MS


class Launch(NamedTuple):
    """How a service is started here: what a recipe makes of a `Service` and its place.

    `env` is what the service itself gets, `exports` what services that need it get
    (`DATABASE_URL`). `facts` are what references name: `${db.url}`. Values that must not be
    shown are named in `secrets`. `before` runs before each start, `after` once it answers and
    before it counts as ready. `scheme` is of its URL: `http`, `postgresql`.
    """

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    hold: Hold = Hold.KEPT
    ready: Check = Check()
    scheme: str = "tcp"
    facts: tuple[tuple[str, str], ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    stop_signal: str | None = None


class Place(NamedTuple):
    """Where a service runs, as its recipe needs to know.

    `address` and `port` are where it must listen; `data_dir` is its own directory, mode 0700, for
    this project and worktree; `password` is its own, made once; `url` the one under which the
    gateway serves it, None without a gateway.
    """

    service: Service
    root: str
    port: int
    data_dir: str
    password: str
    address: str = "127.0.0.1"
    url: str | None = None
    project: str = ""
