"""Where the programs of databases lie on this machine, and of which version they are.

Distributions keep some of them off the PATH, several versions side by side; a Python environment
may bring its own. Programs are found here, and asked for nothing but their version.
"""

from __future__ import annotations

import glob
import os
import re
import subprocess
import sys
from functools import lru_cache

from homeport.host.programs import is_program

_MORE = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/usr/local/bin")
_PATIENCE_S = 10


def programs(name: str, *patterns: str) -> tuple[str, ...]:
    """All executables of that name: on the PATH first, then where `patterns` (globs) lead.

    Paths are absolute and as they were found; one that is reached in two ways is given once.
    Directories of the PATH that are relative are left out: they would change with every project.
    """
    places = [*os.environ.get("PATH", os.defpath).split(":"), *_MORE]
    for pattern in patterns:
        places += sorted(glob.glob(pattern), key=_natural, reverse=True)
    by_target: dict[str, str] = {}
    for place in places:
        path = os.path.join(place, name)
        if place.startswith("/") and is_program(path):
            by_target.setdefault(os.path.realpath(path), path)
    return tuple(by_target.values())


def beside(program: str, name: str) -> str | None:
    """The program of that name in the directory of another one, links followed."""
    path = os.path.join(os.path.dirname(os.path.realpath(program)), name)
    return path if is_program(path) else None


def _natural(path: str) -> list[tuple[int, str]]:
    """Sorts `16` after `9.6`."""
    return [(int(part or 0), text) for text, part in re.findall(r"([^\d]*)(\d*)", path)]


@lru_cache(maxsize=64)
def said_of_itself(program: str, flag: str = "--version") -> str:
    """What a program prints when it is asked for its version; nothing where it cannot be asked."""
    try:
        done = subprocess.run(
            [program, flag],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def version(program: str, flag: str = "--version") -> str | None:
    """The first dotted number that a program prints of itself: `15.18`; None without one."""
    # MySQL begins with where it lies, and that may be below `mysql@8.4`.
    said = said_of_itself(program, flag).replace(program, "")
    found = re.search(r"(?<![\w.])v?=?v?(\d+(?:\.\d+)+)", said)
    return found.group(1) if found else None


def in_python_environment(root: str, inside: str) -> tuple[str, ...]:
    """Paths that match `inside`, a glob, in Python environments: the project's, then our own.

    The project's environment is the active one, or `.venv` or `venv` in its directory. A relative
    `inside` is below the environment; `site-packages/` at its beginning is where packages lie.
    """
    active = os.environ.get("VIRTUAL_ENV", "")
    environments = [active, os.path.join(root, ".venv"), os.path.join(root, "venv"), sys.prefix]
    below = inside.replace("site-packages/", "lib/python3*/site-packages/", 1)
    found: dict[str, None] = {}
    for environment in environments:
        if environment.startswith("/"):
            pattern = os.path.join(glob.escape(environment), below)
            found.update(dict.fromkeys(sorted(glob.glob(pattern))))
    return tuple(found)


def exists(path: str) -> bool:
    """Whether there is a file or directory."""
    return os.path.exists(path)


def first_line(path: str) -> str | None:
    """The first line of a small text file of a server's, None where it cannot be read."""
    head = first_bytes(path) or b""
    return head.decode("ascii", "replace").partition("\n")[0].strip() or None


def first_bytes(path: str) -> bytes | None:
    """What a file of a server's begins with, None where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return os.read(descriptor, 256)
    except OSError:
        return None
    finally:
        os.close(descriptor)
