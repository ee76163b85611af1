"""What people and programs see while services start, run and stop; shared by those commands."""

from __future__ import annotations

import os
import time

from homeport.cli import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.report.style import Style


def add_services(parser: argparse.ArgumentParser, what: str) -> None:
    """The services that a command is about, and the directory of their project."""
    parser.add_argument("services", metavar="SERVICE", nargs="*", help=what)
    add_directory(parser)


def add_directory(parser: argparse.ArgumentParser) -> None:
    """The directory of the project."""
    parser.add_argument(
        "-C",
        "--directory",
        metavar="DIR",
        default=".",
        help="the project's directory, or one within it (.)",
    )


class ScreenAudience:
    """Tells a person, line by line: what changes, and what services print.

    Whoever `stays` in the foreground is told where the services are another command's.
    """

    def __init__(self, style: Style, *, quiet: bool = False, stays: bool = False) -> None:
        from homeport.report.services_text import Prefixes

        self._style = style
        self._quiet = quiet
        self._stays = stays
        self._prefixes = Prefixes((), style)

    def line(self, service: str, text: str) -> None:
        """Behind the name of its service."""
        terminal.write([self._prefixes.line(service, text)])
        terminal.flush()

    def change(self, status: ServiceStatus) -> None:
        """One line."""
        from homeport.report.services_text import change_line

        line = None if self._quiet else change_line(status, self._style)
        if line is not None:
            terminal.write([line])
            terminal.flush()

    def settled(self, status: ProjectStatus) -> None:
        """The table of all services."""
        from homeport.report.services_text import status_lines

        terminal.write(["", *status_lines((status,), time.time_ns(), self._style), ""])
        if self._stays and status.pid != os.getpid():
            told = f"They run already (supervisor {status.pid}), and go on when this command ends."
            steps = "homeport logs -f shows what they print, homeport stop ends them."
            terminal.write([told, steps])
        terminal.flush()

    def waiting(self, what: str) -> None:
        """Said to a person only."""
        terminal.complain(f"homeport: waiting: {what}")


class JsonAudience:
    """Tells a program: one JSON object a line."""

    def line(self, service: str, text: str) -> None:
        """`{"event": "line", …}`."""
        from homeport.report.services_json import line_json

        self._print(line_json(service, text))

    def change(self, status: ServiceStatus) -> None:
        """`{"event": "change", …}`."""
        from homeport.report.services_json import change_json

        self._print(change_json(status))

    def settled(self, status: ProjectStatus) -> None:
        """`{"event": "settled", …}`."""
        from homeport.report.services_json import settled_json

        self._print(settled_json(status))

    def waiting(self, what: str) -> None:
        """Nothing that a program could use."""

    def _print(self, document: dict[str, object]) -> None:
        from json import dumps

        terminal.write([dumps(document)])
        terminal.flush()
