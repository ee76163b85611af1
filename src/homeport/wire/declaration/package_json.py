"""The scripts of package.json -> the one service that `npm run dev` would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeport.model.errors import BrokenMessage
from homeport.model.service import Service

if TYPE_CHECKING:
    from collections.abc import Collection

NAME = "package.json"
SCRIPTS = ("dev", "start", "serve")
"""Which script is run, the first that exists."""

LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
"""Which package manager has written what."""

_MANAGERS = frozenset(LOCK_FILES.values())


def service(data: bytes, source: str, root: str, present: Collection[str]) -> Service | None:
    """The service that the scripts make, None without one; `present` are files beside it.

    Raises `BrokenMessage`.
    """
    document = _document(data, source)
    scripts = document.get("scripts")
    script = next((each for each in SCRIPTS if _is_script(scripts, each)), None)
    if script is None:
        return None
    return Service(
        name="web",
        directory=root,
        source=f"{source}, script {script}",
        run=f"{manager(document, present)} run {script}",
    )


def _is_script(scripts: object, name: str) -> bool:
    command = scripts.get(name) if isinstance(scripts, dict) else None
    return isinstance(command, str) and bool(command.strip())


def manager(document: dict[str, Any], present: Collection[str]) -> str:
    """The package manager that is named, or has left its lock file; npm without either."""
    named = document.get("packageManager")
    name = named.partition("@")[0] if isinstance(named, str) else ""
    if name in _MANAGERS:
        return name
    return next((each for file, each in LOCK_FILES.items() if file in present), "npm")


def _document(data: bytes, source: str) -> dict[str, Any]:
    import json

    try:
        document = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BrokenMessage(f"{source} cannot be read", why=why) from None
    return document if isinstance(document, dict) else {}
