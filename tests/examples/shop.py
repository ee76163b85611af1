"""The worked example with all it imports, installed once a machine, and copies of it that run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.run.recipes.web import node_directory
from tests.running import project
from tests.support import ROOT, need

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

EXAMPLE = ROOT / "examples" / "shop"

_INSTALLED = (".venv", "node_modules", "__pycache__")
_INSTALL_TAKES_AT_MOST_S = 110


@contextmanager
def running_shop(base: Path) -> Generator[RunningProject]:
    """A copy of the example, installed, in a project that is stopped at the end."""
    for program, package in (("postgres", "postgresql"), ("redis-server", "redis-server")):
        need(program, package=package)
    tools = _tools()
    installed = _installed(tools)
    with project(base, name="shop") as shop:
        (shop.root / "server.py").unlink()
        shutil.copytree(EXAMPLE, shop.root, dirs_exist_ok=True, ignore=_without_installed)
        (shop.root / ".venv").symlink_to(installed / ".venv")
        # As links to the files: tools look at where a directory really is.
        source = installed / "web" / "node_modules"
        target = shop.root / "web" / "node_modules"
        shutil.copytree(source, target, symlinks=True, copy_function=os.link)
        shop.env["PATH"] = _path(tools)
        yield shop


_without_installed = shutil.ignore_patterns(*_INSTALLED)


def _tools() -> Path:
    """A directory with an npm: that of the PyPI package has lost the rest of itself."""
    place = _place() / "tools"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = node_directory()
    if directory is not None:
        script = f"{directory}/../lib/node_modules/npm/bin/npm-cli.js"
        draft = place / f"npm-{os.getpid()}"
        draft.write_text(f'#!/bin/sh\nexec "{directory}/node" "{script}" "$@"\n', encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(place / "npm")
    else:
        need("npm", package="npm")
    return place


def _path(tools: Path) -> str:
    own = [str(tools), node_directory() or "", str(Path(sys.executable).parent)]
    return ":".join([*filter(None, own), os.environ["PATH"]])


def _place() -> Path:
    return Path(tempfile.gettempdir()) / f"homeport-test-shop-{os.geteuid()}"


def _installed(tools: Path) -> Path:
    """A copy of the example in which its own `setup` has run; of several workers one does it."""
    lists = (EXAMPLE / "api" / "requirements.txt", EXAMPLE / "web" / "package.json")
    what = b"".join(path.read_bytes() for path in lists) + sys.version.encode()
    place = _place() / hashlib.sha256(what).hexdigest()[:12]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "done").exists():
            _install(place / "shop", tools)
            (place / "done").touch()
    return place / "shop"


def _install(place: Path, tools: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(EXAMPLE, place, ignore=_without_installed)
    env = {**os.environ, "PATH": _path(tools)}
    argv = ["./setup"]
    done = subprocess.run(
        argv,
        cwd=place,
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=_INSTALL_TAKES_AT_MOST_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
