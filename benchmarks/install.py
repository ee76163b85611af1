"""Homeport as a user has it: a wheel, installed into an environment of its own, with byte-code.

An editable install under PYTHONDONTWRITEBYTECODE compiles every module at every start, which would
be measured as Homeport's own cost.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.loads import python_for
from benchmarks.measure import NOBODY, ROOT, clean_environment


class Installed(NamedTuple):
    """The interpreter of the environment and the `homeport` command in it."""

    python: str
    homeport: str


def run(*argv: str) -> None:
    """Run a step of the installation, silent unless it fails."""
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env=clean_environment()
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}:\n{done.stdout}{done.stderr}")


def open_to_all(directory: Path) -> None:
    """Let the ordinary user read what root installed."""
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


@contextlib.contextmanager
def installed() -> Iterator[Installed]:
    """Build the wheel of this checkout and install it, for the block.

    As root the interpreter is one that an ordinary user may execute too, so that all figures come
    from the same one.
    """
    base = python_for(NOBODY if os.geteuid() == 0 else None)
    with tempfile.TemporaryDirectory(prefix="homeport-installed-") as name:
        directory = Path(name)
        wheels, venv = directory / "wheels", directory / "venv"
        python = str(venv / "bin" / "python")
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
        run(*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT))
        run(base, "-m", "venv", "--without-pip", str(venv))
        # With what it depends on, as for a user: identify reads certificates with one of them.
        run(*pip, "--python", python, "install", *map(str, wheels.glob("*.whl")))
        run(python, "-I", "-m", "compileall", "-q", str(venv / "lib"))
        open_to_all(directory)
        yield Installed(python, str(venv / "bin" / "homeport"))
