from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("psutil")

if TYPE_CHECKING:
    from tests.parity.rows import Row
    from tests.parity.stage import Stage

QUERY = {"unix": False, "facts": False, "all_namespaces": False}

Essence = tuple[str, str, str, int, str, int]


def essence(row: Row) -> Essence:
    """What psutil can tell of a socket."""
    return (row.netid, row.state, row.local, row.local_port, row.remote, row.remote_port)


def without_mptcp(rows: list[Row]) -> list[Row]:
    """Psutil knows only the TCP sockets below."""
    return [row for row in rows if row.netid != "mptcp"]


@pytest.fixture(params=["listeners", "connections"])
def looks(request: pytest.FixtureRequest, stage: Stage) -> tuple[list[Row], list[Row]]:
    """What the fast path and the portable one say of sockets that stood still."""
    query = {**QUERY, "connections": request.param == "connections"}
    before = without_mptcp(stage.homeport(**query))
    portable = stage.homeport(**query, portable=True)
    after = without_mptcp(stage.homeport(**query))
    unsettled = {essence(row) for row in set(before) ^ set(after)}
    first, second = (
        [row for row in rows if essence(row) not in unsettled] for rows in (before, portable)
    )
    return first, second


@pytest.mark.slow
def test_the_portable_path_sees_the_same_sockets(looks: tuple[list[Row], list[Row]]) -> None:
    fast, portable = looks
    assert fast
    assert Counter(map(essence, portable)) == Counter(map(essence, fast))


@pytest.mark.slow
def test_the_portable_path_names_one_of_the_holders(looks: tuple[list[Row], list[Row]]) -> None:
    fast, portable = looks
    holders: dict[Essence, set[int]] = {}
    for row in fast:
        holders.setdefault(essence(row), set()).update(row.pids)
    strangers = [row for row in portable if not holders[essence(row)].issuperset(row.pids)]
    assert strangers == []
    held = {essence(row) for row in portable if row.pids}
    assert held == {key for key, pids in holders.items() if pids}
