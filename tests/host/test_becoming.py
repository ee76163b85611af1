"""Becoming another program, and keeping descriptors open for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from homeport.host.becoming import keep_while, kept_for, who_asked
from homeport.model.errors import NotFound
from tests.support import has_ended, spawn, wait_until

BECOMES = """
import os, sys
from homeport.host.becoming import become
reading, writing = os.pipe()
os.write(writing, b"inherited")
os.close(writing)
become(["sh", "-c", 'echo "$ADDED"; cat <&"$1"; ls /proc/self/fd | wc -l', "sh", str(reading)],
       {"ADDED": "there"}, [reading])
"""


def test_a_program_inherits_what_it_should_and_nothing_else() -> None:
    argv = [sys.executable, "-c", BECOMES]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    added, rest = done.stdout.split("\n", 1)
    assert added == "there"
    # The three standard streams, the pipe, and the directory that ls reads.
    assert rest == "inherited5\n"


@pytest.mark.parametrize(
    "script", ["$ASK", "echo $($ASK)", "$ASK | cat", "(echo $($ASK | cat))", "true; (true; $ASK)"]
)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_subshell_is_not_who_asked(shell: str, script: str) -> None:
    code = "from homeport.host.becoming import who_asked; print(who_asked())"
    ask = f"{sys.executable} -c '{code}'"
    text = f"ask() {{ {ask}; }}\n{script.replace('$ASK', 'ask')}\necho $$"
    done = subprocess.run([shell, "-c", text], capture_output=True, text=True, check=True)
    asked, itself = done.stdout.split()
    assert asked == itself


def test_a_shell_within_a_shell_is_another_program() -> None:
    code = "from homeport.host.becoming import who_asked; print(who_asked())"
    text = f"sh -c \"{sys.executable} -c '{code}'; echo \\$\\$\"; echo $$"
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
    asked, inner, outer = done.stdout.split()
    assert asked == inner != outer


def test_this_process_was_asked_by_somebody() -> None:
    assert who_asked() > 0


def test_a_keeper_ends_with_the_process_that_it_keeps_for() -> None:
    reading, writing = os.pipe()
    with spawn(["sleep", "600"]) as sleeping:
        keeper = keep_while(sleeping.pid, [writing])
        os.close(writing)
        wait_until(lambda: sleeping.pid in kept_for(keeper), what="the keeper's descriptors")
        assert not has_ended(keeper)
    # Read to its end: nobody has the other side any more.
    assert os.read(reading, 1) == b""
    os.close(reading)
    os.waitpid(keeper, 0)
    assert kept_for(keeper) == frozenset()


def test_a_keeper_outlives_an_interrupt_of_the_terminal() -> None:
    with spawn(["sleep", "600"]) as sleeping:
        keeper = keep_while(sleeping.pid, [])
        wait_until(lambda: os.getsid(keeper) == keeper, what="a session of its own")
        assert os.getpgid(keeper) != os.getpgid(0)
        os.kill(keeper, signal.SIGKILL)
        os.waitpid(keeper, 0)


def test_there_is_nothing_to_keep_for_a_process_that_is_gone() -> None:
    done = subprocess.Popen(["true"])
    done.wait()
    with pytest.raises(NotFound, match=f"no process {done.pid}"):
        keep_while(done.pid, [])
