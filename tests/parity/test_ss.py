from __future__ import annotations

from collections import Counter

import pytest

from tests.parity.rows import PEERS, Row, by_identity, changes, differences
from tests.parity.stage import Stage, enter, playing, unshare
from tests.support import need

STATES = {
    "LISTEN",
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "LAST-ACK",
    "TIME-WAIT",
}


@pytest.fixture(scope="module", autouse=True)
def the_peer() -> None:
    need("ss", package="iproute2")


def ours(stage: Stage, flags: str) -> list[Row]:
    return PEERS[flags].of(stage.homeport(**PEERS[flags].query()))


@pytest.mark.parametrize("flags", PEERS)
def test_every_row_is_that_of_ss(stage: Stage, flags: str) -> None:
    before = stage.ss(flags)
    rows = ours(stage, flags)
    after = stage.ss(flags)
    settled = (Counter(before) & Counter(after)).elements()
    unsettled = {row.identity for row in set(before) ^ set(after)}
    assert differences(settled, [row for row in rows if row.identity not in unsettled]) == []


def test_the_scene_has_every_state_that_can_be_held(stage: Stage) -> None:
    assert {row.state for row in stage.ss("-tanp")} >= STATES


def test_the_scene_has_several_owners_and_none(stage: Stage) -> None:
    assert {len(row.pids) for row in stage.ss("-tlnp")} >= {0, 1, 2, 3}


@pytest.mark.slow
def test_what_lives_through_a_churn_is_as_in_ss() -> None:
    prefix = unshare()
    with playing("churn.py", "2", prefix=prefix) as (pid, _):
        stage = Stage(enter(pid) if prefix else ())
        compared = changed = 0
        for _ in range(4):
            for flags in PEERS:
                before, rows, after = stage.ss(flags), ours(stage, flags), stage.ss(flags)
                assert changes(before, rows, after, but=("receive_queue", "send_queue")) == []
                first, last = by_identity(before).keys(), by_identity(after).keys()
                compared += len(first & last)
                changed += len(first ^ last)
        assert compared > 100
        assert changed > 100
