from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from homeport.model.trust import Change, Standing, Trusting, TrustReport, Verdict
from homeport.report.style import Style
from homeport.report.trust_text import trust_lines
from tests.run.trust.homes import Home, make_home, make_profile, nicknames
from tests.schemas import validate
from tests.support import run_homeport

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "trust-1.json").read_text("utf-8"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


def trust(home: Home, *args: str) -> CompletedProcess[str]:
    return run_homeport("trust", *args, env={**home.env, "COLUMNS": "400"}, timeout=60)


def document(done: CompletedProcess[str]) -> dict[str, object]:
    told: dict[str, object] = json.loads(done.stdout)
    validate(told, SCHEMA)
    return told


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_without_an_authority_there_is_nothing_to_see(home: Home) -> None:
    done = trust(home, "--check")
    assert done.returncode == 1
    assert "there is no local authority yet" in done.stderr
    assert "next: homeport trust makes it" in done.stderr
    assert not home.state.exists()


def test_a_dry_run_says_exactly_what_would_be_done(home: Home) -> None:
    profile = make_profile(home)
    done = trust(home, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"Firefox, {profile}: would be installed" in " ".join(done.stdout.split())
    assert f"-A -d sql:{profile} -n 'Homeport local authority " in done.stdout
    assert nicknames(profile) == []
    told = document(trust(home, "--dry-run", "--json"))
    assert told["authority"] is None
    assert told["dry_run"]


def test_nothing_is_removed_twice(home: Home) -> None:
    for _ in range(2):
        done = trust(home, "--remove")
        assert done.returncode == 0
        assert "nothing was installed" in done.stdout
    told = document(trust(home, "--remove", "--json"))
    assert told["changes"] == []
    assert told["well"]


def test_one_thing_at_a_time(home: Home) -> None:
    assert trust(home, "--check", "--remove").returncode == 2


@pytest.mark.slow
def test_a_check_tells_of_each_client(home: Home) -> None:
    code = "from homeport.run.certificates.authority import ensured; ensured()"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **home.env}, check=True)
    done = trust(home, "--check")
    assert done.returncode == 1
    assert "for localhost only, until" in done.stdout
    assert "does not trust it: it does not know the authority" in " ".join(done.stdout.split())
    assert "export NODE_EXTRA_CA_CERTS=" in done.stdout
    told = document(trust(home, "--check", "--json"))
    assert not told["well"]
    assert told["changes"] == []


def test_a_broken_authority_is_told_and_removed(home: Home) -> None:
    (home.state / "ca").mkdir(parents=True, mode=0o700)
    home.state.chmod(0o700)
    (home.state / "ca" / "authority.pem").write_text("?")
    done = trust(home, "--check")
    assert done.returncode == 1
    assert "is not safe to use" in done.stderr
    assert "next: homeport trust --remove" in done.stderr
    assert trust(home, "--remove").returncode == 0
    assert not (home.state / "ca").exists()


def test_what_comes_from_outside_is_shown_as_text() -> None:
    change = Change("Firefox", "/home/\x1b[31m", "name", True, (), Standing.FAILED, "a\nb", "c\x07")
    client = Trusting("curl", "curl", Verdict.UNCLEAR, "/curl", "said \x1b[2J")
    report = TrustReport("install", False, None, (change,), (client,))
    shown = "\n".join(trust_lines(report, Style(width=60)))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert max(map(len, shown.splitlines())) <= 60
