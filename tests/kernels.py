"""A kernel of our own for what this machine's cannot be asked: user-mode Linux, on these files.

It runs as an ordinary program, needs no rights, and is root over itself: with cgroups, mounts and
processes of its own. The files are this machine's, except where something is mounted over them.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

from tests.support import SBIN, need

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_INIT = """#!/bin/sh
PATH={path}
export PATH
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs dev /dev
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
mount -t tmpfs run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
ip link set lo up
{command} >{output} 2>&1 </dev/null
echo $? >{status}
echo o >/proc/sysrq-trigger
read forever
"""


def run_in_kernel(argv: Sequence[str], place: Path, *, seconds: float = 120.0) -> str:
    """What a program prints that is the only one of a new kernel; it must end with success."""
    program = need("linux.uml", package="user-mode-linux")
    output, status, init = place / "output", place / "status", place / "init"
    words = {
        "path": f"/usr/bin:/bin:{SBIN}",
        "command": shlex.join(argv),
        "output": shlex.quote(str(output)),
        "status": shlex.quote(str(status)),
    }
    init.write_text(_INIT.format(**words))
    init.chmod(0o755)
    kernel = [program, "mem=1G", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}"]
    devices = ["con=null", "con0=null,fd:1", "quiet", f"uml_dir={place}/"]
    booted = subprocess.run(
        [*kernel, *devices],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
    said = output.read_text() if output.exists() else ""
    assert status.exists(), f"the kernel did not get there: {booted.stdout}{booted.stderr}{said}"
    assert status.read_text().strip() == "0", said
    return said
