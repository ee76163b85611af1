"""Procfiles that packages bring: those that ./test unpacks, and the source of one from an index."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.run.conventions.differences import differences
from tests.run.conventions.peers import FOREMAN, HOMEPORT, HONCHO, staged
from tests.support import run_homeport, unpacked

pytestmark = pytest.mark.slow

SOURCE = "otree==6.0.15"
"""Its template of a project has a Procfile. It is read, and never installed."""


def unpacked_procfiles() -> list[Path]:
    """Those of the packages beside the environment; skips where there are none."""
    place = Path(unpacked("foreman")).parent.parent
    return [path for path in place.rglob("Procfile*") if path.suffix != ".rb"]


def sources() -> Path:
    """The source of a package, fetched once; skips where no index has it."""
    place = Path(sys.prefix) / "sources" / SOURCE
    if not place.exists():
        draft = Path(sys.prefix) / "sources" / f"{SOURCE}.part"
        shutil.rmtree(draft, ignore_errors=True)
        options = ("--quiet", "--retries", "1", "--no-deps", "--no-binary", ":all:")
        argv = [sys.executable, "-m", "pip", "download", *options, "--dest", str(draft), SOURCE]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=90, check=False)
        if done.returncode != 0:
            pytest.skip(f"needs the source of {SOURCE} from a package index: {done.stderr[-300:]}")
        for archive in draft.glob("*.tar.gz"):
            with tarfile.open(archive) as tar:
                _take(tar, draft)
        draft.rename(place)
    return place


def _take(tar: tarfile.TarFile, place: Path) -> None:
    """Only the Procfiles, each in a directory of its own."""
    found = [each for each in tar.getmembers() if each.isfile() and each.name.endswith("/Procfile")]
    for number, member in enumerate(found):
        file = tar.extractfile(member)
        assert file is not None
        (place / str(number)).mkdir()
        (place / str(number) / "Procfile").write_bytes(file.read())


def hold_against_both(source: Path, base: Path) -> list[str]:
    """What differs for a directory of somebody's; and that something ran there at all."""
    foreman = unpacked("foreman")
    with staged(source, base) as stage:
        told = {each: stage.under(each, foreman) for each in (FOREMAN, HONCHO, HOMEPORT)}
        names = stage.declared.names
    assert names
    assert set(told[HOMEPORT].seen) == set(names), told[HOMEPORT].output
    return [
        f"{name}, {peer}: {each}"
        for name in names
        for peer in (FOREMAN, HONCHO)
        for each in differences(told[peer].seen.get(name), told[HOMEPORT].seen[name])
    ]


def test_the_example_of_foreman_itself(tmp_path: Path) -> None:
    found = [path for path in unpacked_procfiles() if path.name == "Procfile"]
    assert found
    for number, path in enumerate(found):
        assert hold_against_both(path.parent, tmp_path / str(number)) == [], path


def test_what_foreman_ships_as_broken_declares_nothing(tmp_path: Path) -> None:
    (broken,) = [path for path in unpacked_procfiles() if path.name == "Procfile.without_colon"]
    shutil.copy(broken, tmp_path / "Procfile")
    argv = [unpacked("foreman"), "check"]
    theirs = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    ours = run_homeport("up", "--dry-run", cwd=tmp_path)
    assert (theirs.returncode, ours.returncode) == (1, 1)
    assert "no processes defined" in theirs.stdout
    assert "nothing in" in ours.stderr


def test_the_template_of_a_package(tmp_path: Path) -> None:
    found = list(sources().rglob("Procfile"))
    assert found
    for number, path in enumerate(found):
        assert hold_against_both(path.parent, tmp_path / str(number)) == [], path
