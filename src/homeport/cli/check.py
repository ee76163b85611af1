"""`homeport check TARGET`: why a local service does not work: the one cause, or all is well."""

from __future__ import annotations

import time

from homeport import api
from homeport.cli import terminal
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from homeport.model.diagnosis import Diagnosis

DESCRIPTION = """\
Finds out why a local service does not answer, or answers wrongly: goes through
the layers in the order in which a client meets them, looks at both sides, and
names the one cause with its evidence and its fix. Where the evidence does not
decide, it says what remains and how to tell. It changes nothing: a page is
asked for with GET, a database is greeted as its client does, with no other
password than the one in the URL.
"""
EPILOG = """\
examples:
  homeport check http://localhost:8000
  homeport check 127.0.0.1:5432
  homeport check postgresql://me:secret@localhost/shop
  homeport check postgresql                        by its name
  homeport check web           a service that runs; from elsewhere shop:web
  homeport check --as 4711 http://localhost:8000   as that process sees it
  homeport check --bind 8000                       why it says "already in use"
  homeport check               all that this project's files say should be there

Without TARGET these files are read: homeport.toml, compose files, Procfile,
.env, settings.py (Django); services that run are checked at their own ports.
--report masks secrets; read it before you send it.

A connection is waited for 1 second, an answer 1.5 seconds; the whole takes 3
seconds at most, unless names are slow (2 seconds more).

exit status: 0 healthy, 1 something was found, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport check`."""
    parser = subparsers.add_parser(
        "check", help="why a service does not work", description=DESCRIPTION, epilog=EPILOG
    )
    option = parser.add_argument
    option("target", metavar="TARGET", nargs="?", help="a URL, host:port, a port, or a name")
    option(
        "--as", dest="as_pid", metavar="PID", help="seen by a process: its environment, namespace"
    )
    option("--bind", action="store_true", help="why nobody can listen there (address in use)")
    option("--report", metavar="FILE", help="also write it for a bug report, as Markdown")
    option("-v", "--verbose", action="store_true", help="every layer with its facts")
    form = parser.add_mutually_exclusive_group().add_argument
    form("--json", action="store_true", help="JSON, schema homeport/check@1")
    form("--watch", action="store_true", help="check again every 2 s, a line for each change")


def run(arguments: argparse.Namespace) -> int:
    """Checks, and prints what was found."""
    pid = _pid(arguments.as_pid)
    if arguments.target is None:
        return _project(arguments, pid)
    if arguments.watch:
        return _watch(arguments, pid)
    diagnosis = api.check(arguments.target, as_pid=pid, binding=arguments.bind)
    if arguments.report is not None:
        _write_report([diagnosis], arguments)
    if arguments.json:
        from homeport.report.check_json import check_json

        terminal.write([check_json(diagnosis)])
    else:
        from homeport.report.check_text import check_lines

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(check_lines(diagnosis, style, verbose=arguments.verbose))
    return 0 if diagnosis.healthy else 1


def _project(arguments: argparse.Namespace, pid: int | None) -> int:
    """Everything that the files of this project say should be there."""
    if arguments.watch or arguments.bind:
        raise BadInput("there is no TARGET", next_step="homeport check --bind 127.0.0.1:8000")
    found, troubles = api.declared_services()
    if not found:
        raise BadInput(
            "there is no TARGET, and no file of this project names a service",
            why=" ".join(troubles) or "looked for: compose files, Procfile, .env, settings.py",
            next_step="homeport check http://localhost:8000",
        )
    checks = [(each, api.check(each.target, as_pid=pid)) for each in found]
    if arguments.report is not None:
        _write_report([diagnosis for _, diagnosis in checks], arguments)
    if arguments.json:
        from homeport.report.check_json import project_json

        terminal.write([project_json(checks, troubles)])
    else:
        from homeport.report.check_text import project_lines

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(project_lines(checks, troubles, style))
    return 0 if all(diagnosis.healthy for _, diagnosis in checks) else 1


def _write_report(diagnoses: Sequence[Diagnosis], arguments: argparse.Namespace) -> None:
    from homeport.report.check_report import report

    api.write_report(arguments.report, report(diagnoses, time.time_ns()))


def _watch(arguments: argparse.Namespace, pid: int | None) -> int:
    """A line whenever the result is another one, until Ctrl-C; the status is that of the last."""
    from homeport.report.check_text import change_line

    style = terminal.style_of_stdout(arguments.color)
    shown: tuple[str, ...] = ()
    healthy = False
    again = api.check_repeatedly(arguments.target, as_pid=pid, binding=arguments.bind)
    try:
        for diagnosis in again:
            healthy = diagnosis.healthy
            found = _told(diagnosis)
            if found != shown:
                shown = found
                terminal.write([change_line(diagnosis, time.time_ns(), style)])
                terminal.flush()
    except KeyboardInterrupt:
        return 0 if healthy else 1
    return 0


def _told(diagnosis: Diagnosis) -> tuple[str, ...]:
    """What makes one result another than the last: its causes, not their numbers."""
    causes = (diagnosis.cause,) if diagnosis.cause else diagnosis.undecided
    return ("healthy",) if diagnosis.healthy else tuple(cause.id for cause in causes)


def _pid(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"{text!r} is not a pid", next_step="--as takes 812")
    return int(text)
