"""What is kept of project directories: as a table for people, and as JSON `homeport/prune@1`."""

from __future__ import annotations

from homeport.model.kept import Whereabouts
from homeport.report.ls_json import valid
from homeport.report.style import Role, Style, printable
from homeport.report.table import Column, Section, fitted, render
from homeport.report.words import ago, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from homeport.model.kept import Kept

SCHEMA = "homeport/prune@1"
_TABLE = (
    Column("DIRECTORY", 16, 0, Role.NAME),
    Column("DATA OF", 8, 1),
    Column("SIZE", 6, 0),
    Column("LAST UP", 6, 2, Role.FAINT),
)
_UNITS = ("B", "KB", "MB", "GB", "TB")


def kept_lines(gone: Sequence[Kept], now_ns: int, style: Style) -> list[str]:
    """A row for each directory."""
    rows = [
        (each.root or "", ", ".join(each.services), size(each.size), _since(each, now_ns))
        for each in gone
    ]
    return render(_TABLE, [Section("", rows)], style)


def _since(each: Kept, now_ns: int) -> str:
    since = ago(each.used_ns, now_ns)
    return since if since in {"", "now"} else f"{since} ago"


def staying_lines(kept: Sequence[Kept], style: Style) -> list[str]:
    """Why something stays whose directory is not there."""
    told = [why for each in kept if (why := _why_it_stays(each))]
    return [fitted(printable(line), style) for line in told]


def _why_it_stays(each: Kept) -> str | None:
    if each.whereabouts is Whereabouts.AWAY:
        return f"{each.root} was on a file system that is not mounted: kept"
    if each.whereabouts is Whereabouts.GONE and each.is_running:
        return f"{each.root} is gone, but services of it run: homeport stop --all ends them"
    if each.whereabouts is Whereabouts.UNKNOWN:
        if each.root is None:
            return f"projects/{each.id}: which directory it belongs to was not noted: kept"
        return f"{each.root}: this user may not look whether it is there: kept"
    return None


def size(number: int) -> str:
    """Bytes for people, in powers of ten: `471 MB`."""
    amount, unit = float(number), 0
    while round(amount) >= 1000 and unit + 1 < len(_UNITS):
        amount, unit = amount / 1000, unit + 1
    digits = 1 if unit and amount < 9.95 else 0
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def kept_json(
    kept: Sequence[Kept], removed: Collection[Kept], *, dry_run: bool
) -> dict[str, object]:
    """The document: everything that is kept or was until now."""
    gone = {each.id for each in removed}
    return {
        "schema": SCHEMA,
        "dry_run": dry_run,
        "kept": [{**_kept(each), "removed": each.id in gone} for each in kept],
    }


def _kept(each: Kept) -> dict[str, object]:
    return {
        "id": each.id,
        "root": None if each.root is None else valid(each.root),
        "whereabouts": each.whereabouts.value,
        "running": each.is_running,
        "services": [valid(name) for name in each.services],
        "bytes": each.size,
        "used": utc(each.used_ns),
    }
