"""`run`: one command in this terminal, as a service of its own: leased port, name, nothing left."""

from __future__ import annotations

import os
import shlex

from homeport.host.clock import Clock
from homeport.host.projects import ProjectFinder
from homeport.model.errors import HomeportError
from homeport.model.running import Stdio
from homeport.model.service import Declaration, Restart, Service
from homeport.run.supervise.starting import claim, supervise
from homeport.wire.declaration.labels import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.manner import Manner

SOURCE = "homeport run"


def run_one(argv: tuple[str, ...], *, name: str | None, port: int | None, manner: Manner) -> int:
    """See `homeport.api.run_command`."""
    declared = _declaration(argv, name, port)
    (service,) = declared.services
    part = f"run {service.name}"
    taken = claim(
        declared.root,
        declared.name,
        part=part,
        waiting=_Nobody().waiting,
        clock=Clock(),
    )
    if not taken.locks:
        raise HomeportError(
            f"{service.name} runs already in {declared.root}",
            next_step=f"homeport run --name {service.name}2 -- {shlex.join(argv)}",
        )
    own_terminal = manner._replace(stdio=Stdio.INHERITED, part=part)
    return supervise(lambda: declared, taken, _Nobody(), own_terminal)


def _declaration(argv: tuple[str, ...], name: str | None, port: int | None) -> Declaration:
    here = os.getcwd()
    project = ProjectFinder().at(here)
    root = here if project is None else project.root
    service = Service(
        name=label(name or os.path.basename(argv[0])),
        directory=here,
        source=SOURCE,
        run=_command_line(argv),
        port=port,
        restart=Restart.NEVER,
    )
    branch = project.branch if project is not None and project.worktree else None
    return Declaration(
        root=root,
        name=label(os.path.basename(root) or "root"),
        branch=None if branch is None else label(branch),
        source=SOURCE,
        services=(service,),
    )


def _command_line(argv: tuple[str, ...]) -> str:
    """The words for `sh`, each as it was given, but for the port and what looks as a reference.

    The shell becomes the command: one that waited would end by Ctrl-C itself, whatever that does.
    """
    return "exec " + " ".join(map(_quoted, argv)).replace("${", "$${")


def _quoted(word: str) -> str:
    pieces = (shlex.quote(piece) if piece else "" for piece in word.split("{port}"))
    return '"$PORT"'.join(pieces) or "''"


class _Nobody:
    """The command has the terminal: whatever happens to it, it tells by itself."""

    def line(self, service: str, text: str) -> None:
        """Is printed by the command."""

    def change(self, status: ServiceStatus) -> None:
        """Is seen in what the command prints."""

    def settled(self, status: ProjectStatus) -> None:
        """The same."""

    def waiting(self, what: str) -> None:
        """Only happens before."""
