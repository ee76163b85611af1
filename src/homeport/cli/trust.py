"""`homeport trust`: has this user's clients trust the local authority, and sees that they do."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from homeport.model.trust import TrustReport

DESCRIPTION = """\
Installs Homeport's local authority where the clients of this user look for
authorities: the system's store (as root), that of Chromium and Chrome, and
each profile of Firefox. Then sends every client to a server with a certificate
by it, and tells what each of them did. The authority is made for this user, on
this machine, and may speak for localhost and names below it only.

Node.js, and Python's requests and httpx, look in no store; services get the
variables that they heed, and `--check` shows them.
"""
EPILOG = """\
  homeport trust               install it, and see who trusts it
  homeport trust --check       only see
  homeport trust --dry-run     only show what would be changed
  homeport trust --remove      take it out everywhere, and delete it

Each client is given up to 20 seconds.

exit status: 0 all was done and every client trusts it, 1 not, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport trust`."""
    parser = subparsers.add_parser(
        "trust",
        help="have browsers trust HTTPS under localhost",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="see which clients trust it")
    action.add_argument("--remove", action="store_true", help="take it out, and delete it")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/trust@1")


def run(arguments: argparse.Namespace) -> int:
    """Does what is asked, and shows what came of it."""
    from homeport.report.trust_text import is_well, trust_json, trust_lines

    report = _report(arguments)
    if arguments.json:
        from json import dumps

        terminal.write([dumps(trust_json(report))])
    else:
        terminal.write(trust_lines(report, terminal.style_of_stdout(arguments.color)))
    return 0 if report.dry_run or is_well(report) else 1


def _report(arguments: argparse.Namespace) -> TrustReport:
    if arguments.remove:
        return api.distrust(dry_run=arguments.dry_run)
    if arguments.check:
        return api.check_trust(on_wait=_waiting)
    return api.trust(dry_run=arguments.dry_run, on_wait=_waiting)


def _waiting(names: Sequence[str]) -> None:
    terminal.complain(f"homeport: waiting for {', '.join(names)}")
