"""A kernel of our own for what this machine's cannot be asked: user-mode Linux, on these files.

It runs as an ordinary program, needs no rights, and is root over itself: with cgroups, mounts and
processes of its own. The files are this machine's, except where something is mounted over them.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import SBIN, need, spawn

if TYPE_CHECKING:
    from collections.abc import Sequence

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

_WHOLE_XSTATE = Path(__file__).with_name("whole_xstate.c")


def _whole_xstate(place: Path) -> str:
    """The library without which it does not run where the processor has AMX."""
    library = place / "whole_xstate.so"
    compiler = need("tcc", package="tcc")
    argv = [compiler, "-Wall", "-Werror", "-shared", "-nostdlib", "-o", str(library)]
    subprocess.run([*argv, str(_WHOLE_XSTATE)], check=True, timeout=20)
    return str(library)


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
    env = {**os.environ, "LD_PRELOAD": _whole_xstate(place)}
    with spawn([*kernel, *devices], env=env) as running:
        running.process.wait(seconds)
        booted = running.output
    said = output.read_text() if output.exists() else ""
    assert status.exists(), f"the kernel did not get there: {booted}{said}"
    assert status.read_text().strip() == "0", said
    return said
