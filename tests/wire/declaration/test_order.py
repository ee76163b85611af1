"""The order of services."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.model.service import Service
from homeport.wire.declaration.order import cycle_in, order, with_implied_needs


def services(**needs: str) -> list[Service]:
    return [
        Service(name=name, directory="/", source="file:1", needs=tuple(needed.split()))
        for name, needed in needs.items()
    ]


def levels(**needs: str) -> list[str]:
    return [" ".join(each.name for each in level) for level in order(services(**needs))]


def test_levels() -> None:
    assert levels() == []
    assert levels(a="", b="") == ["a b"]
    assert levels(web="api", api="db cache", db="", cache="", worker="db") == [
        "db cache", "api worker", "web",
    ]  # fmt: skip


def test_a_circle() -> None:
    with pytest.raises(BadInput, match="services need each other: b -> c -> b"):
        levels(a="b", b="c", c="b")


def test_an_unknown_need() -> None:
    with pytest.raises(BadInput, match="file:1: a needs `x`: there is no such service"):
        levels(a="x")


GRAPHS = st.integers(1, 8).flatmap(
    lambda size: st.lists(
        st.sets(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size
    )
)


@given(graph=GRAPHS)
def test_any_graph(graph: list[set[int]]) -> None:
    named = {f"s{number}": {f"s{each}" for each in needs} for number, needs in enumerate(graph)}
    circle = cycle_in(named)
    given_services = services(**{name: " ".join(sorted(needs)) for name, needs in named.items()})
    if circle is not None:
        assert circle[0] == circle[-1]
        assert all(after in named[before] for before, after in itertools.pairwise(circle))
        with pytest.raises(BadInput):
            order(given_services)
        return
    done: set[str] = set()
    for level in order(given_services):
        assert all(done.issuperset(each.needs) for each in level)
        done.update(each.name for each in level)
    assert done == set(named)


@pytest.mark.slow
def test_long_chains_take_linear_time() -> None:
    chain = {f"s{number}": (f"s{number + 1}",) for number in range(20_000)} | {"s20000": ()}
    began = time.process_time()
    assert cycle_in(chain) is None
    made = [
        Service(name=name, directory="/", source="x", needs=needs) for name, needs in chain.items()
    ]
    assert len(order(made)) == 20_001
    assert time.process_time() - began < 4


def test_two_that_refer_to_each_other_wait_only_one_way() -> None:
    web = Service("web", "/", "homeport.toml:1", run="serve ${api.url}")
    api = Service("api", "/", "homeport.toml:2", run="serve --origin ${web.url}")
    found = with_implied_needs([web, api], ())
    assert [service.needs for service in found] == [("api",), ()]
