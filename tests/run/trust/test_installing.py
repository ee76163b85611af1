"""Stores are changed as planned, and left as they were."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest

from homeport.api.trusting import trust_notice
from homeport.host.clock import SECOND_NS, Clock
from homeport.model.trust import Standing
from homeport.run.certificates.authority import ensured, facts, facts_of, root_path
from homeport.run.trust import record
from homeport.run.trust.environment import client_environment
from homeport.run.trust.installing import install, is_stale, remove
from tests.run.trust.homes import (
    Home,
    make_database,
    make_home,
    make_profile,
    move_in,
    nicknames,
    on_own_machine,
)
from tests.schemas import validate
from tests.support import spawn, wait_until

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "trust-1.json").read_text("utf-8"))
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "home").mkdir()
    made = make_home(tmp_path / "home")
    move_in(made, monkeypatch)
    return made


@pytest.fixture
def no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of this machine stays as it is."""
    monkeypatch.setattr("homeport.run.trust.system._KINDS", ())


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has Chromium."""
    monkeypatch.setattr("homeport.run.trust.chromium.BROWSERS", ())


class Later(Clock):
    """Two years later."""

    def now_ns(self) -> int:
        return super().now_ns() + 720 * 86_400 * SECOND_NS


@pytest.mark.usefixtures("no_system", "no_browser")
def test_each_database_is_changed_and_left_as_it_was(home: Home) -> None:
    profile = make_profile(home)
    chromium = home.path / ".pki" / "nssdb"
    newer = home.path / ".local" / "share" / "pki" / "nssdb"
    snap = home.path / "snap" / "chromium" / "current" / ".pki" / "nssdb"
    for each in (chromium, newer, snap):
        make_database(each)
    before = home.files()
    changes = install()
    assert {each.standing for each in changes} == {Standing.DONE}
    name = changes[0].name
    for each in (profile, chromium, newer, snap):
        assert nicknames(each) == [f"{name} C,,"]
    assert {each.standing for each in install()} == {Standing.ALREADY}
    assert {each.standing for each in remove()} == {Standing.DONE}
    for each in (profile, chromium, newer, snap):
        assert nicknames(each) == []
    assert home.files() == before
    assert list(home.state.iterdir()) == []
    assert remove() == ()


@pytest.mark.usefixtures("no_system")
def test_a_database_that_was_made_is_taken_away(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeport.run.trust.chromium.BROWSERS", ("sh",))
    before = home.files()
    install()
    install()
    assert nicknames(home.path / ".pki" / "nssdb")
    remove()
    assert home.files() == before


@pytest.mark.usefixtures("no_system")
@pytest.mark.parametrize("begun", [".pki", ".pki/nssdb"])
def test_a_database_that_was_only_begun_is_taken_away(
    home: Home, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    monkeypatch.setattr("homeport.run.trust.chromium.BROWSERS", ("sh",))
    before = home.files()
    install()
    shutil.rmtree(home.path / ".pki")
    (home.path / begun).mkdir(parents=True)
    assert {each.standing for each in remove()} == {Standing.DONE}
    assert home.files() == before
    assert remove() == ()


@pytest.mark.usefixtures("no_system")
def test_a_database_that_was_made_and_is_used_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeport.run.trust.chromium.BROWSERS", ("sh",))
    install()
    place = home.path / ".pki" / "nssdb"
    remove()
    assert not place.exists()
    install()
    other = home.path / "other.pem"
    _authority_of_somebody(other)
    argv = ["certutil", "-A", "-d", f"sql:{place}", "-n", "another", "-t", ",,", "-i", str(other)]
    subprocess.run(argv, check=True)
    remove()
    assert nicknames(place) == []
    told = subprocess.run(["certutil", "-L", "-d", f"sql:{place}"], capture_output=True, check=True)
    assert b"another" in told.stdout


def _authority_of_somebody(path: Path) -> None:
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=another "
        f"-keyout {path}.key -out {path}",
        shell=True,
        check=True,
        capture_output=True,
    )


@pytest.mark.usefixtures("no_system", "no_browser")
def test_a_dry_run_changes_nothing(home: Home) -> None:
    make_profile(home)
    before = home.files()
    changes = install(dry_run=True)
    assert [each.standing for each in changes] == [Standing.PLANNED]
    assert changes[0].deeds
    assert home.files() == before
    assert not home.state.exists()
    install()
    assert [each.standing for each in remove(dry_run=True)] == [Standing.PLANNED]
    assert nicknames(home.path / ".mozilla/firefox/abc.default")


@pytest.mark.usefixtures("no_system", "no_browser")
def test_an_authority_that_is_gone_is_taken_out_all_the_same(home: Home) -> None:
    profile = make_profile(home)
    install()
    shutil.rmtree(home.state / "ca")
    assert [each.standing for each in remove()] == [Standing.DONE]
    assert nicknames(profile) == []


@pytest.mark.usefixtures("no_system", "no_browser")
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 1, "entries": [{"store": 7}]}'])
def test_a_broken_record_loses_nothing_of_the_present_authority(home: Home, data: bytes) -> None:
    profile = make_profile(home)
    install()
    Path(record.path()).write_bytes(data)
    assert record.read() == ()
    assert [each.standing for each in remove()] == [Standing.DONE]
    assert nicknames(profile) == []


@pytest.mark.usefixtures("no_system", "no_browser")
def test_a_broken_authority_is_removed(home: Home) -> None:
    profile = make_profile(home)
    install()
    (home.state / "ca" / "authority.pem").write_bytes(b"?")
    remove()
    assert nicknames(profile) == []
    assert list(home.state.iterdir()) == []


@pytest.mark.usefixtures("no_system", "no_browser")
def test_trust_is_renewed_with_the_authority(home: Home) -> None:
    profile = make_profile(home)
    install()
    first = facts()
    assert first is not None
    assert not is_stale(first)
    changes = install(clock=Later())
    second = facts()
    assert second is not None
    assert [(each.name, each.adds) for each in changes] == [
        (first.name, False),
        (second.name, True),
    ]
    assert nicknames(profile) == [f"{second.name} C,,"]
    assert len(record.read()) == 1


@pytest.mark.usefixtures("no_system", "no_browser")
def test_an_authority_that_was_renewed_by_itself_is_noticed(home: Home) -> None:
    make_profile(home)
    install()
    assert trust_notice() is None
    assert is_stale(facts_of(ensured(Later())))
    assert "homeport trust" in (trust_notice() or "")


@pytest.mark.usefixtures("no_system", "no_browser")
def test_a_database_that_refuses_keeps_no_other_from_it(home: Home) -> None:
    profile = make_profile(home)
    broken = home.path / ".pki" / "nssdb"
    broken.mkdir(parents=True)
    (broken / "cert9.db").write_bytes(b"no database" * 99)
    standings = {each.place: each for each in install()}
    assert standings[str(profile)].standing is Standing.DONE
    assert standings[str(broken)].standing is Standing.FAILED
    assert "certutil" in (standings[str(broken)].why or "")
    remove()
    assert nicknames(profile) == []


@pytest.mark.usefixtures("no_system", "no_browser")
def test_without_certutil_it_says_what_to_install(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_profile(home)
    monkeypatch.setattr("homeport.run.trust.nss.in_path", lambda _: None)
    (change,) = install()
    assert change.standing is Standing.BLOCKED
    assert "libnss3-tools" in (change.next_step or "")


@pytest.mark.usefixtures("no_system", "no_browser")
def test_the_environment_adds_to_what_was_trusted(home: Home) -> None:
    assert client_environment() == {}
    install()
    root = Path(root_path()).read_bytes()
    named = client_environment({})
    assert Path(named["NODE_EXTRA_CA_CERTS"]).read_bytes() == root
    assert Path(named["SSL_CERT_FILE"]).read_bytes() == Path(BUNDLE).read_bytes() + root
    assert named["SSL_CERT_FILE"] == named["REQUESTS_CA_BUNDLE"] == named["CURL_CA_BUNDLE"]
    assert client_environment(named) == named
    theirs = home.path / "company.pem"
    theirs.write_bytes(b"company")
    mine = client_environment({"NODE_EXTRA_CA_CERTS": str(theirs), "SSL_CERT_FILE": str(theirs)})
    assert set(map(Path.read_bytes, map(Path, mine.values()))) == {root, b"company\n" + root}
    gone = client_environment({"SSL_CERT_FILE": "/nowhere", "REQUESTS_CA_BUNDLE": "/nowhere"})
    assert gone["SSL_CERT_FILE"] == gone["REQUESTS_CA_BUNDLE"] == named["SSL_CERT_FILE"]
    remove()
    assert client_environment() == {}
    assert not Path(named["SSL_CERT_FILE"]).exists()


@pytest.mark.usefixtures("no_system", "no_browser")
def test_what_somebody_was_killed_over_goes_too(home: Home) -> None:
    install()
    draft, other = home.state / "trust.json.812.0badcafe", home.state / "history.db"
    for path in (draft, other):
        path.write_text("{")
    remove()
    assert (draft.exists(), other.exists()) == (False, True)


@pytest.mark.slow
@pytest.mark.usefixtures("no_system")
def test_whenever_it_is_killed_it_can_be_undone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeport.run.trust.chromium.BROWSERS", ("sh",))
    profile = make_profile(home)
    before = home.files()
    code = (
        "from homeport.run.trust import chromium, installing, system\n"
        "chromium.BROWSERS, system._KINDS = ('sh',), ()\n"
        "print('begins', flush=True); installing.install()"
    )
    for milliseconds in range(0, 160, 8):
        with spawn([sys.executable, "-c", code], ready="begins") as process:
            with suppress(subprocess.TimeoutExpired):
                process.process.wait(milliseconds / 1000)
            process.process.kill()
            process.process.wait()
        wait_until(lambda: not _certutils(home), what="the end of certutil")
        assert {each.standing for each in remove()} <= {Standing.DONE}
        assert nicknames(profile) == []
        assert home.files() == before
        assert list(home.state.iterdir()) == [] if home.state.exists() else True
    install()
    assert nicknames(profile)


def _certutils(home: Home) -> list[str]:
    argv = ["pgrep", "-f", f"certutil .*{home.path}"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()


def ended(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


_CHECKED = f"""
cp {BUNDLE} /etc/bundle.before; ls /etc/ssl/certs > /etc/list.before
homeport trust --json > "$HOME/installed.json"
ls /usr/local/share/ca-certificates
cmp -s {BUNDLE} /etc/bundle.before && echo unchanged
homeport trust --remove --json > "$HOME/removed.json"
cmp {BUNDLE} /etc/bundle.before; ls /etc/ssl/certs | diff - /etc/list.before
ls /usr/local/share/ca-certificates
"""


@pytest.mark.root
@pytest.mark.slow
def test_the_system_trusts_and_forgets(home: Home, tmp_path: Path) -> None:
    make_profile(home)
    listed = ended(on_own_machine(tmp_path, _CHECKED, home.env))
    assert listed.count("homeport-") == 1
    assert "unchanged" not in listed
    installed = json.loads((home.path / "installed.json").read_text())
    validate(installed, SCHEMA)
    assert installed["well"]
    verdicts = {each["id"]: each["verdict"] for each in installed["clients"]}
    for client_id in ("curl", "openssl", "chromium", "firefox"):
        assert verdicts[client_id] == "verified", installed
    assert verdicts["node"] == "with environment"
    removed = json.loads((home.path / "removed.json").read_text())
    validate(removed, SCHEMA)
    assert removed["well"]
    assert removed["authority"] is None
    assert {each["standing"] for each in removed["changes"]} == {"done"}


_CUT_SHORT = f"""
homeport trust --json > /dev/null || true
: > {BUNDLE}
homeport trust --json > "$HOME/again.json" || true
"""


@pytest.mark.root
@pytest.mark.slow
def test_a_bundle_without_it_is_made_again(home: Home, tmp_path: Path) -> None:
    ended(on_own_machine(tmp_path, _CUT_SHORT, home.env))
    again = json.loads((home.path / "again.json").read_text())
    standings = {each["store"]: each["standing"] for each in again["changes"]}
    assert standings["the system"] == "done"
    assert {each["verdict"] for each in again["clients"] if each["id"] == "curl"} == {"verified"}


_WITHOUT_RIGHT = """
chown nobody /usr/local/share/ca-certificates
without="setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override"
$without homeport trust --json > "$HOME/installed.json" || echo status $?
command=$(python3 -c 'import json, os
told = json.load(open(os.environ["HOME"] + "/installed.json"))
print(next(each["next_step"] for each in told["changes"] if each["store"] == "the system"))')
echo "$command"
eval "$(echo "$command" | sed 's/sudo //g')"
homeport trust --dry-run --json > "$HOME/after.json"
$without homeport trust --remove --json > "$HOME/removed.json" || echo status $?
homeport trust --remove --json > "$HOME/again.json"
ls /usr/local/share/ca-certificates
"""


@pytest.mark.root
@pytest.mark.slow
def test_without_root_the_command_is_told(home: Home, tmp_path: Path) -> None:
    make_profile(home)
    told = ended(on_own_machine(tmp_path, _WITHOUT_RIGHT, home.env))
    assert told.count("status 1") == 2
    assert "sudo install -m 644 " in told
    assert "&& sudo /usr/sbin/update-ca-certificates" in told
    standings = [
        {each["store"]: each["standing"] for each in json.loads(path.read_text())["changes"]}
        for path in (home.path / f"{name}.json" for name in ("installed", "after", "removed"))
    ]
    assert [each["the system"] for each in standings] == ["blocked", "already", "blocked"]
    assert [each["Firefox"] for each in standings] == ["done", "already", "done"]
    again = json.loads((home.path / "again.json").read_text())
    assert [each["store"] for each in again["changes"]] == ["the system"]
    assert again["well"]
    assert "homeport-" not in told.splitlines()[-1]
