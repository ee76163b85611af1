from __future__ import annotations

import os
import signal

import pytest

from homeport.host.descendants import children_of, descendants, lives, send_all
from homeport.model.process import ProcessId
from tests.support import has_ended, spawn, wait_until

TREE = ["sh", "-c", "sh -c 'sleep 1000 & echo up; wait' & wait"]


@pytest.mark.parametrize("scan", [True, False])
def test_a_whole_tree_is_found_parents_first(scan: bool) -> None:  # noqa: FBT001  (a parameter of pytest)
    with spawn(TREE, ready="up") as root:
        found = descendants(root.pid, scan=scan)
        assert len(found) == 2
        assert children_of(root.pid) == [found[0].pid]
        assert children_of(found[0].pid) == [found[1].pid]
        assert descendants(root.pid, spare=[found[0].pid], scan=scan) == []


def test_without_proc_psutil_finds_it(tmp_path: object) -> None:
    with spawn(TREE, ready="up") as root:
        found = descendants(root.pid, proc=str(tmp_path))
        assert {each.pid for each in found} == {each.pid for each in descendants(root.pid)}
        assert all(lives(each, proc=str(tmp_path)) for each in found)
        assert children_of(root.pid, proc=str(tmp_path)) == children_of(root.pid)


def test_a_signal_reaches_the_one_that_is_meant_or_nobody() -> None:
    with spawn(["sleep", "1000"]) as one:
        (own,) = [each for each in descendants(os.getpid()) if each.pid == one.pid]
        another = ProcessId(own.pid, own.start_ticks + 1)
        assert send_all([another], signal.SIGKILL) == 0
        assert lives(own)
        assert not lives(another)
        assert send_all([own], signal.SIGKILL) == 0
        wait_until(lambda: has_ended(one.pid))
        assert not lives(own)
        assert one.pid not in {each.pid for each in descendants(os.getpid())}


def test_a_process_without_children_and_one_that_is_gone_have_none() -> None:
    with spawn(["sleep", "1000"]) as one:
        assert descendants(one.pid) == []
    assert descendants(one.pid) == []
