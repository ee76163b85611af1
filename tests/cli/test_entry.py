from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "status"), [(["--version"], 0), (["nonsense"], 2), (["kill", "udp/1", "--yes"], 1)]
)
def test_leaving_early_loses_neither_output_nor_status(words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "homeport", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert (done.stdout + done.stderr).startswith("homeport")


def test_large_output_arrives_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "homeport", "completion", "bash"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout) > 8192
    assert done.stdout.rstrip().endswith("homeport")
