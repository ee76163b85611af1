"""Where a scene is played: in a network namespace of its own where that is allowed, or in ours.

In a namespace every socket belongs to the scene. In ours other tests open sockets at the same time:
there only what carries a port or a pid of the scene is compared.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.parity import ss
from tests.parity.rows import Row, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# An ordinary user's PATH does not lead to ip.
UP = 'PATH="$PATH:/usr/sbin:/sbin" ip link set lo up && exec "$@"'


class Stage(NamedTuple):
    """`prefix` enters the namespace; `ports` and `pids` are those of the scene, None: all are."""

    prefix: Sequence[str]
    ports: frozenset[int] | None = None
    pids: frozenset[int] = frozenset()

    def ss(self, flags: str) -> list[Row]:
        return [row for row in ss.ss(flags, prefix=self.prefix) if self.has(row)]

    def homeport(self, **query: bool) -> list[Row]:
        argv = [*self.prefix, sys.executable, "-m", "tests.parity.ours", json.dumps(query)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
        assert not done.returncode, done.stderr
        return [row for row in loaded(done.stdout) if self.has(row)]

    def has(self, row: Row) -> bool:
        if self.ports is None:
            return True
        if row.netid.startswith("u_"):
            return not self.pids.isdisjoint(row.pids)
        return row.local_port in self.ports or row.remote_port in self.ports


def unshare() -> Sequence[str]:
    """The command that runs another in a namespace with loopback up; empty where not allowed."""
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    argv = ["unshare", *as_root, "--net", "sh", "-c", UP, "sh"]
    with contextlib.suppress(OSError):
        if not subprocess.run([*argv, "true"], capture_output=True, check=False).returncode:
            return argv
    return ()


def enter(pid: int) -> Sequence[str]:
    """The command that runs another in the namespace of this process."""
    as_root = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    return ["nsenter", "--target", str(pid), *as_root, "--net", "--"]


@contextlib.contextmanager
def playing(script: str, *arguments: str, prefix: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Run a script of this directory until the block ends: its pid, and the line it said."""
    with subprocess.Popen(
        [*prefix, sys.executable, "-I", "-S", str(HERE / script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"{script} ended early"
        try:
            yield process.pid, line
        finally:
            process.communicate()
