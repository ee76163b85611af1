"""The rules of this test suite: who is root, what may be skipped, where state is kept."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.servers.shared import end_shared

if TYPE_CHECKING:
    from collections.abc import Generator

IN_CI = os.environ.get("CI", "") not in ("", "0", "false")
"""In CI nothing may be skipped: what a test needs is installed there, so a skip is a failure."""

gc.set_threshold(50_000)  # thousands of tests are collected, and stay

settings.register_profile("homeport", deadline=None, derandomize=IN_CI)
settings.register_profile("everyday", settings.get_profile("homeport"), max_examples=15)
settings.load_profile("homeport")

_STATE = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Keeps the history, caches and ignored signals of whoever runs the tests out of them."""
    if config.getoption("markexpr") == "not slow":
        settings.load_profile("everyday")
    place = tempfile.mkdtemp(prefix="homeport-tests-")
    config.stash[_STATE] = place
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        os.environ[variable] = os.path.join(place, variable.lower())
        os.mkdir(os.environ[variable], mode=0o700)
    # Beside `&` and `nohup` these are ignored, also by all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_sessionfinish() -> None:
    """Ends the servers that tests share, while whoever runs the worker still waits for it."""
    try:
        end_shared()
    except OSError as error:  # of a directory that cannot be removed, after all have ended
        print(f"what shared servers have left: {error}", file=sys.stderr)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes what the tests left behind."""
    shutil.rmtree(config.stash[_STATE], ignore_errors=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs root when the tests run without."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root: run ./test as root to include it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure in CI."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which nothing may be in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    report = yield
    if IN_CI and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"skipped, which nothing may be in CI: {report.longrepr}"
    return report
