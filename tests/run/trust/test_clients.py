"""Real clients: which trust the authority, and that they believe it of localhost only."""

from __future__ import annotations

import os
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import Clock
from homeport.host.tls_trial import TrialServer
from homeport.host.trials import Run, run_all
from homeport.model.trust import Verdict
from homeport.run.certificates import Contexts
from homeport.run.certificates.authority import ensured, root_path
from homeport.run.certificates.issuing import make_leaf
from homeport.run.trust.clients import clients
from homeport.run.trust.contract import Trial
from homeport.run.trust.environment import client_environment
from homeport.run.trust.installing import install
from homeport.run.trust.verifying import verify
from tests.run.trust.homes import Home, make_home, make_profile, move_in
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.host.tls_trial import Seen

pytestmark = pytest.mark.slow

STRANGER = "bank.example.com"
INSTALLED = {
    "chromium": ("chromium", "chromium"),
    "curl": ("curl", "curl"),
    "firefox": ("firefox-esr", "firefox-esr"),
    "node": ("node", "nodejs"),
    "openssl": ("openssl", "openssl"),
    "python": ("python3", "python3"),
}
"""By client the program that is needed here, and its Debian package."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = make_home(tmp_path)
    move_in(made, monkeypatch)
    return made


@pytest.fixture
def trusting(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which everything but the system trusts the authority."""
    make_profile(home)
    no_system(monkeypatch)
    install()
    return home


def no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of this machine stays as it is."""
    monkeypatch.setattr("homeport.run.trust.system._KINDS", ())


def sent(client_id: str, host: str, context: ssl.SSLContext, scratch: Path) -> tuple[Seen, str]:
    """What a client does that is sent to a host, with the environment of services."""
    program, package = INSTALLED[client_id]
    need(program, package=package)
    client = next(each for each in clients() if each.id == client_id)
    with TrialServer(lambda name: context if name == host else None) as server:
        trial = Trial(host, server.port, str(scratch / client_id), server.nowhere)
        attempt = client.attempt(trial)
        assert attempt is not None
        run = Run(attempt.argv, {**os.environ, **dict(attempt.env), **client_environment()})
        run_all({host: run}, server.seen.__contains__, server.waker)
        assert host in server.seen, run.output
        return server.seen[host], run.output


def for_anybody(host: str, path: Path) -> ssl.SSLContext:
    """What somebody could present who has stolen the key of the authority."""
    stolen = make_leaf(ensured(), host, Clock().now_ns())
    path.write_bytes(stolen.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize("client_id", sorted(INSTALLED))
def test_a_client_believes_the_authority_of_localhost_only(
    trusting: Home, client_id: str, tmp_path: Path
) -> None:
    good = Contexts().context_for("api.shop.localhost")
    assert good is not None
    seen, words = sent(client_id, "api.shop.localhost", good, tmp_path / "good")
    assert seen.asked, words
    bad = for_anybody(STRANGER, tmp_path / "stolen.pem")
    seen, words = sent(client_id, STRANGER, bad, tmp_path / "bad")
    assert not seen.asked, words
    assert seen.refusal is not None, words


@pytest.mark.parametrize("client_id", sorted(INSTALLED))
def test_a_client_that_was_told_nothing_refuses(
    home: Home, client_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_profile(home)
    ensured()
    monkeypatch.setattr("tests.run.trust.test_clients.client_environment", dict)
    good = Contexts().context_for("api.shop.localhost")
    assert good is not None
    seen, words = sent(client_id, "api.shop.localhost", good, tmp_path / "good")
    assert not seen.asked, words
    assert seen.refusal is not None, words


@pytest.mark.parametrize("host", [STRANGER, "192.0.2.1"])
def test_openssl_names_the_constraint(home: Home, host: str, tmp_path: Path) -> None:
    openssl = need("openssl", package="openssl")
    signer = ensured()
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(make_leaf(signer, host, Clock().now_ns()).pem)
    argv = [openssl, "verify", "-CAfile", root_path(), str(leaf)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "permitted subtree violation" in done.stdout + done.stderr
    leaf.write_bytes(make_leaf(signer, "localhost", Clock().now_ns()).pem)
    subprocess.run([*argv[:-1], "-purpose", "sslserver", str(leaf)], check=True)
    client = [*argv[:-1], "-purpose", "sslclient", str(leaf)]
    assert subprocess.run(client, capture_output=True, check=False).returncode != 0


def test_every_client_is_told_of(trusting: Home) -> None:
    before = trusting.files()
    told = {each.client: each for each in verify()}
    assert set(told) == {each.id for each in clients()}
    for client_id, (program, package) in INSTALLED.items():
        need(program, package=package)
        assert told[client_id].verdict in {Verdict.VERIFIED, Verdict.WITH_ENVIRONMENT}, told
    assert told["chromium"].verdict is Verdict.VERIFIED
    assert told["firefox"].verdict is Verdict.VERIFIED
    assert told["node"].verdict is Verdict.WITH_ENVIRONMENT
    assert told["python"].verdict is Verdict.WITH_ENVIRONMENT
    assert trusting.files() == before
    assert not list((trusting.state / "ca" / "leaves").iterdir())


def test_certifi_takes_the_authority_from_the_environment(trusting: Home) -> None:
    told = next(each for each in verify() if each.client == "certifi")
    assert told.verdict in {Verdict.WITH_ENVIRONMENT, Verdict.NOT_INSTALLED}


def test_a_client_that_does_nothing_is_given_up(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensured()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("curl", "node"):
        (programs / name).write_text("#!/bin/sh\nexec sleep 600\n" if name == "curl" else "#!x\n")
        (programs / name).chmod(0o755)
    usual = "/usr/bin:/bin"
    monkeypatch.setenv("PATH", f"{programs}:{usual}")
    monkeypatch.setattr("homeport.run.trust.verifying.TIMEOUT_NS", 4_000_000_000)
    waited: list[str] = []
    told = {each.client: each for each in verify(waited.extend)}
    assert told["curl"].verdict is Verdict.UNCLEAR
    assert "within the time" in (told["curl"].why or "")
    assert told["node"].verdict is Verdict.UNCLEAR
    assert "curl" in waited
