"""Whose eyes are looked through: this process, others, those in namespaces, those that hide."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.client import client
from homeport.host.netns import inode_of
from homeport.model.errors import NotFound, NotPermitted
from tests.support import network_namespace, spawn

if TYPE_CHECKING:
    from pathlib import Path

SLEEPING = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def test_this_process() -> None:
    found = client(None)
    assert (found.pid, found.own, found.namespace) == (os.getpid(), True, None)
    assert (found.uid, found.root, found.cwd) == (os.geteuid(), "/", os.getcwd())
    assert found.environment == os.environ


def test_another_process(tmp_path: Path) -> None:
    env = {"http_proxy": "a=b", "EMPTY": "", "LINES": "x\ny"}
    with spawn(SLEEPING, ready="up", env=env, cwd=tmp_path) as process:
        found = client(process.pid)
    assert (found.pid, found.own, found.namespace) == (process.pid, False, None)
    assert {name: found.environment.get(name) for name in env} == env
    assert (found.cwd, found.uid) == (str(tmp_path), os.geteuid())
    assert found.root == f"/proc/{process.pid}/root/"
    assert found.looker == os.getpid()


@pytest.mark.root
def test_one_in_another_namespace() -> None:
    with network_namespace() as namespace, spawn(namespace.command(*SLEEPING), ready="up") as it:
        found = client(it.pid)
        assert found.namespace is not None
        assert (found.namespace.inode, found.namespace.pid) == (inode_of(it.pid), it.pid)


def test_one_that_there_is_not() -> None:
    with spawn([sys.executable, "-c", "pass"]) as process:
        process.process.wait(10)
    with pytest.raises(NotFound, match="there is no process"):
        client(process.pid)


def test_one_that_has_ended_and_was_not_noticed_yet() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises((NotFound, NotPermitted)):
            client(pid)
    finally:
        os.waitpid(pid, 0)


def test_one_that_does_not_let_itself_be_looked_at(tmp_path: Path) -> None:
    place = tmp_path / "7"
    place.mkdir()
    fields = " ".join(str(number) for number in range(1, 50))
    (place / "stat").write_text(f"7 (x) S {fields}", encoding="ascii")
    with pytest.raises(NotPermitted, match="does not let itself be looked at") as raised:
        client(7, str(tmp_path))
    assert raised.value.next_step == "run as its user, or as root"
