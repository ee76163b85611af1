"""Programs that are run side by side until each has done what it is watched for, or its time is up.

None is left behind: each runs in a session of its own, and that is killed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock
from homeport.host.running import kill_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from homeport.host.clock import Waker

_KEPT = 4000
_GRACE_NS = 500 * MILLISECOND_NS


class Run:
    """A program that runs, or why it does not."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self.output: str = ""
        self.ended_ns: int | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._reading, writing = os.pipe()
        try:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=dict(env),
                cwd="/",
            )
        except OSError as error:
            self.output = error.strerror or str(error)
        finally:
            os.close(writing)

    def fileno(self) -> int:
        """What can be read when it has printed something, or has ended."""
        return self._reading

    def take(self, now_ns: int) -> None:
        """Reads what it has printed; at the end of that, it has ended."""
        printed = os.read(self._reading, 1 << 16)
        self.output = (self.output + printed.decode(errors="replace"))[-_KEPT:]
        if not printed:
            self.ended_ns = now_ns

    def end(self) -> None:
        """Kills it and all that it has started; to be called once."""
        os.close(self._reading)
        if self.process is not None:
            kill_group(self.process)


def run_all(
    runs: Mapping[str, Run],
    is_decided: Callable[[str], bool],
    waker: Waker,
    *,
    timeout_ns: int = 20 * SECOND_NS,
    on_wait: Callable[[Sequence[str]], None] | None = None,
) -> None:
    """Waits until all are decided, or have ended, or the time is up; then none of them runs.

    `on_wait` is told about once a second which are still awaited.
    """
    clock = Clock()
    start_ns = told_ns = clock.monotonic_ns()
    try:
        while True:
            now_ns = clock.monotonic_ns()
            waiting = [name for name, each in runs.items() if _is_open(each, now_ns)]
            waiting = [name for name in waiting if not is_decided(name)]
            left_ns = start_ns + timeout_ns - now_ns
            if not waiting or left_ns <= 0:
                return
            if on_wait is not None and now_ns - told_ns >= SECOND_NS:
                told_ns = now_ns
                on_wait(waiting)
            running = [runs[name] for name in waiting if runs[name].ended_ns is None]
            # An ended one is given a moment: the server may not have noted yet what it did.
            pause_ns = min(left_ns, SECOND_NS if len(running) == len(waiting) else _GRACE_NS // 5)
            for source in clock.wait([*running, waker], pause_ns):
                if isinstance(source, Run):
                    source.take(clock.monotonic_ns())
                else:
                    waker.drain()
    finally:
        for each in runs.values():
            each.end()


def _is_open(run: Run, now_ns: int) -> bool:
    if run.process is None:
        return False
    return run.ended_ns is None or now_ns - run.ended_ns < _GRACE_NS


@contextmanager
def scratch() -> Generator[str]:
    """A directory for the length of the block."""
    place = tempfile.mkdtemp(prefix="homeport-trust-")
    try:
        yield place
    finally:
        # What a killed browser's last process still writes may stand in the way the first time.
        for _ in range(3):
            with suppress(OSError):
                shutil.rmtree(place)
                break


def make_directory(path: str, files: Mapping[str, bytes]) -> str:
    """A new directory for this user only, with these files in it."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(path, name), "wb") as file:
            file.write(data)
    return path
