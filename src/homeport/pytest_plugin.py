"""Fixtures for pytest: ports that are really yours, real services, and their names.

`lease`, `service` and `gateway`. Safe under pytest-xdist: each worker has its own ports, data and
names. Whatever runs is gone after the test run, also when that is killed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeport.run.leases import Lease
    from homeport.run.supervise.running_service import RunningService

_MOST_LINES = 40
_RUNNING = pytest.StashKey["Services"]()


class LeasePort(Protocol):
    """What the fixture `lease` is."""

    def __call__(
        self, name: str | None = None, *, port: int | None = None, transport: str = "tcp"
    ) -> Lease:
        """A lease that ends with the test; see `homeport.lease`."""
        ...


class StartService(Protocol):
    """What the fixture `service` is."""

    def __call__(self, name: str, *, scope: str = "session", **options: str) -> RunningService:
        """A service that runs: one that the project declares, or a recipe's (`postgresql`).

        With the scope `session` it is one for all tests of a worker, with `function` this test
        finds its data as new, and whatever it leaves is gone. `options` are the recipe's.
        """
        ...


class Services:
    """What runs for this worker, by name and options."""

    def __init__(self, directory: str, worker: str) -> None:
        self._directory = directory
        self._worker = worker
        self._running: dict[tuple[str, ...], RunningService] = {}

    def get(self, name: str, options: dict[str, str]) -> RunningService:
        """The service, started if it does not run; raises `HomeportError`."""
        from homeport.api import start_service

        key = (name, *(f"{option}={value}" for option, value in sorted(options.items())))
        if key not in self._running:
            part = " ".join((self._worker, *key[1:]))
            self._running[key] = start_service(
                name, directory=self._directory, part=part, options=options
            )
        return self._running[key]

    def stop(self) -> None:
        """Ends them all."""
        for running in self._running.values():
            running.stop()

    def sections(self) -> list[tuple[str, str]]:
        """What each has printed last, under its name."""
        each = (
            (running.name, running.lines()[-_MOST_LINES:]) for running in self._running.values()
        )
        return [(f"homeport {name}", "\n".join(lines)) for name, lines in each if lines]


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "tests")


@pytest.fixture
def lease() -> Generator[LeasePort]:
    """Ports for the length of a test: call it for each."""
    from homeport import api

    held: list[Lease] = []

    def take(name: str | None = None, *, port: int | None = None, transport: str = "tcp") -> Lease:
        named = None if name is None else f"{_worker()} {name}"
        taken = api.lease(named, port=port, transport=transport)
        held.append(taken)
        return taken

    yield take
    for taken in held:
        taken.release()


@pytest.fixture(scope="session")
def _homeport_services(request: pytest.FixtureRequest) -> Generator[Services]:
    services = Services(str(request.config.rootpath), _worker())
    request.config.stash[_RUNNING] = services
    yield services
    services.stop()
    del request.config.stash[_RUNNING]


@pytest.fixture
def service(_homeport_services: Services) -> Generator[StartService]:
    """Runs services for tests: `service("postgresql").url`."""
    used: list[RunningService] = []

    def start(name: str, *, scope: str = "session", **options: str) -> RunningService:
        if scope not in {"session", "function"}:
            raise ValueError(f"the scope is 'session' or 'function', not {scope!r}")
        running = _homeport_services.get(name, options)
        if scope == "function":
            running.reset()
            used.append(running)
        return running

    yield start
    for running in used:
        running.reset()


class Gateway:
    """Homeport's gateway, which reaches services under their names."""

    def __init__(self, start: StartService) -> None:
        self._start = start

    def url(self, name: str) -> str:
        """Under which URL a browser reaches a service, which is started if it does not run."""
        return self._start(name).public_url


@pytest.fixture
def gateway(service: StartService) -> Gateway:
    """Names for services: `gateway.url("web")`."""
    return Gateway(service)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test shows what the services that it used have printed last."""
    report = yield
    services = item.config.stash.get(_RUNNING, None)
    uses = "service" in getattr(item, "fixturenames", ())
    if report.failed and call.when in {"setup", "call"} and services is not None and uses:
        report.sections += services.sections()
    return report
