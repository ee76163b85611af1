"""`homeport prune`: deletes what is kept of project directories that are gone."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.model.kept import Whereabouts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from homeport.model.kept import Kept

DESCRIPTION = """\
Deletes what is kept of project directories, and git worktrees, that are gone:
the data of their databases, their logs and passwords. Shows them and asks.

What belongs to a directory that is there stays, and so does what belongs to one
on a file system that is not mounted. `homeport db reset` empties a database of
a project that is there.
"""
EPILOG = """\
examples:
  homeport prune              show it, ask, delete it
  homeport prune --dry-run    only show it
  homeport prune --dry-run --json    all that is kept, with its size

exit status: 0 fine, 1 refused, or something could not be deleted, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport prune`."""
    parser = subparsers.add_parser(
        "prune",
        help="delete data of directories that are gone",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would go")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/prune@1")


def run(arguments: argparse.Namespace) -> int:
    """Shows, asks, deletes."""
    kept = api.kept_of_projects()
    gone = [each for each in kept if each.whereabouts is Whereabouts.GONE and not each.is_running]
    if not arguments.json:
        _show(kept, gone, arguments.color)
    removed: Sequence[Kept] = ()
    if gone and not arguments.dry_run:
        if not arguments.yes and not _agreed(arguments, gone):
            terminal.complain("homeport: nothing was deleted")
            return 1
        removed = api.remove_kept(gone)
    _tell(kept, removed, arguments)
    return 0 if arguments.dry_run or len(removed) == len(gone) else 1


def _show(kept: Sequence[Kept], gone: Sequence[Kept], color: str) -> None:
    from time import time_ns

    from homeport.report.kept_text import kept_lines, staying_lines

    style = terminal.style_of_stdout(color)
    if gone:
        terminal.write(kept_lines(gone, time_ns(), style))
    terminal.write(staying_lines(kept, style))
    if not gone:
        terminal.write(["nothing is kept of a directory that is gone"])


def _agreed(arguments: argparse.Namespace, gone: Sequence[Kept]) -> bool:
    from homeport.report.kept_text import size

    otherwise = "homeport prune --yes, or --dry-run to look only"
    question = f"Delete all of that, {size(sum(each.size for each in gone))}?"
    return terminal.agrees(question, otherwise=otherwise, json=arguments.json)


def _tell(kept: Sequence[Kept], removed: Sequence[Kept], arguments: argparse.Namespace) -> None:
    from homeport.report.kept_text import kept_json, size

    if arguments.json:
        from json import dumps

        terminal.write([dumps(kept_json(kept, removed, dry_run=arguments.dry_run))])
    elif removed:
        room = size(sum(each.size for each in removed))
        terminal.write([f"deleted: {room} are free again"])
