"""What a server presents under each name, and the authority behind it."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from homeport.host.clock import SECOND_NS, Clock
from homeport.model.errors import StateUnusable
from homeport.run.certificates import Contexts, local_name
from homeport.run.certificates.authority import (
    ensured,
    existing,
    facts,
    forget,
    kept_path,
    root_path,
)
from homeport.run.certificates.issuing import due_ns, make_authority

DAY_NS = 86_400 * SECOND_NS


class Later(Clock):
    """A clock that is ahead by so many days."""

    def __init__(self, days: float = 0) -> None:
        self.days = days

    def now_ns(self) -> int:
        return super().now_ns() + int(self.days * DAY_NS)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
        (tmp_path / name).mkdir(mode=0o700)


def shown(
    context: ssl.SSLContext, host: str | None, cafile: str | None = None
) -> tuple[str | None, str | None, bytes]:
    """Version, protocol and certificate that a client gets in a real handshake."""
    client = ssl.create_default_context(cafile=cafile or root_path())
    client.set_alpn_protocols(["h2", "http/1.1"])
    client.check_hostname = host is not None
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.settimeout(5)

    def serve() -> None:
        try:
            context.wrap_socket(ours, server_side=True).close()
        except OSError:
            ours.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        with client.wrap_socket(theirs, server_hostname=host) as done:
            return done.version(), done.selected_alpn_protocol(), done.getpeercert(True) or b""
    finally:
        server.join(5)
        theirs.close()
        ours.close()


@pytest.mark.parametrize(
    "host", ["localhost", "shop.localhost", "api.x-1.shop.localhost", "A.LOCALHOST."]
)
def test_a_name_under_localhost_is_shown_and_verified(host: str) -> None:
    context = Contexts().context_for(host)
    assert context is not None
    version, protocol, _ = shown(context, host.lower().rstrip("."))
    assert version == "TLSv1.3"
    assert protocol == "http/1.1"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_localhost_is_good_for_its_addresses(address: str) -> None:
    context = Contexts().context_for("localhost")
    assert context is not None
    assert shown(context, address)[0]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.com",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1",
        ".localhost",
        "a..localhost",
        "../../x.localhost",
        "a/b.localhost",
        "a\0.localhost",
        "*.localhost",
        "ä.localhost",
        "a" * 64 + ".localhost",
        "a." * 120 + "localhost",
    ],
)
def test_other_names_get_nothing(host: str) -> None:
    assert Contexts().context_for(host) is None
    assert local_name(host) is None


def test_one_context_for_each_name_is_kept() -> None:
    contexts = Contexts()
    assert contexts.context_for("a.localhost") is contexts.context_for("A.localhost.")
    assert contexts.context_for("a.localhost") is not contexts.context_for("b.localhost")


def test_the_name_in_the_hello_chooses() -> None:
    context = Contexts().server_context()
    first = shown(context, "a.localhost")[2]
    assert first != shown(context, "b.localhost")[2]
    assert first == shown(context, "a.localhost")[2]
    assert shown(context, "localhost")[2] == shown(context, "127.0.0.1")[2]
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        shown(context, "example.com")


def test_old_versions_are_refused() -> None:
    context = Contexts().context_for("a.localhost")
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_key_is_for_nobody_else() -> None:
    Contexts().context_for("a.localhost")
    files = [path for path in Path(kept_path()).parent.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"authority.pem", "root.pem", "a.localhost.pem"}
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path.parent


def test_a_certificate_is_kept_until_a_third_of_its_time_is_left() -> None:
    clock = Later()
    contexts = Contexts(clock)
    first = contexts.context_for("a.localhost")
    clock.days = 59
    assert contexts.context_for("a.localhost") is first
    assert Contexts(clock).context_for("a.localhost") is not None
    before = Path(kept_path()).with_name("leaves").joinpath("a.localhost.pem").read_bytes()
    clock.days = 61
    assert contexts.context_for("a.localhost") is not first
    after = Path(kept_path()).with_name("leaves").joinpath("a.localhost.pem").read_bytes()
    assert before != after
    assert existing() is not None


def test_an_authority_near_its_end_gives_way_to_a_new_one() -> None:
    clock = Later()
    contexts = Contexts(clock)
    contexts.context_for("a.localhost")
    first = facts()
    clock.days = 699
    contexts.context_for("a.localhost")
    assert facts() == first
    clock.days = 701
    contexts.context_for("a.localhost")
    second = facts()
    assert first is not None
    assert second is not None
    assert first.fingerprint != second.fingerprint
    assert first.name != second.name


def test_a_certificate_does_not_outlive_its_authority() -> None:
    early = make_authority(Clock().now_ns() - 690 * DAY_NS)
    from homeport.run.certificates.issuing import make_leaf

    leaf = make_leaf(early, "a.localhost", Clock().now_ns())
    assert leaf.certificate.not_valid_after_utc == early.certificate.not_valid_after_utc
    assert due_ns(leaf.certificate) > Clock().now_ns()


def test_a_server_notices_that_the_authority_was_removed() -> None:
    contexts = Contexts()
    first = contexts.context_for("a.localhost")
    assert forget()
    assert not forget()
    second = contexts.context_for("a.localhost")
    assert second is not None
    assert second is not first
    shown(second, "a.localhost")


def test_the_certificate_for_others_is_put_back() -> None:
    ensured()
    kept = Path(root_path()).read_bytes()
    Path(root_path()).unlink()
    ensured()
    assert Path(root_path()).read_bytes() == kept


@pytest.mark.parametrize("data", [b"", b"\0" * 99, b"-----BEGIN CERTIFICATE-----\n"])
def test_a_broken_authority_is_never_used(data: bytes) -> None:
    ensured()
    Path(kept_path()).write_bytes(data)
    with pytest.raises(StateUnusable, match="not safe to use") as caught:
        Contexts().context_for("a.localhost")
    assert "homeport trust --remove" in (caught.value.next_step or "")
    assert Path(kept_path()).read_bytes() == data
    assert forget()
    ensured()


def test_an_authority_without_constraints_is_never_used(tmp_path: Path) -> None:
    ensured()
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x "
        f"-keyout {tmp_path}/key -out {tmp_path}/cert",
        shell=True,
        check=True,
        capture_output=True,
    )
    both = (tmp_path / "key").read_bytes() + (tmp_path / "cert").read_bytes()
    Path(kept_path()).write_bytes(both)
    with pytest.raises(StateUnusable, match="Homeport has not made"):
        ensured()


def test_an_authority_that_others_may_write_is_never_used() -> None:
    ensured()
    Path(kept_path()).chmod(0o622)
    with pytest.raises(StateUnusable, match="others may write"):
        ensured()


@pytest.mark.root
def test_an_authority_of_another_user_is_never_used() -> None:
    ensured()
    os.chown(kept_path(), 65534, 65534)
    with pytest.raises(StateUnusable, match="belongs to another user"):
        ensured()


def test_an_authority_behind_a_link_is_never_used(tmp_path: Path) -> None:
    ensured()
    Path(kept_path()).rename(tmp_path / "elsewhere")
    Path(kept_path()).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnusable, match="it is a link"):
        ensured()


def test_a_broken_certificate_is_made_anew() -> None:
    Contexts().context_for("a.localhost")
    leaf = Path(kept_path()).with_name("leaves") / "a.localhost.pem"
    other = Path(kept_path()).with_name("leaves") / "b.localhost.pem"
    Contexts().context_for("b.localhost")
    for data in (b"", b"-----BEGIN", other.read_bytes()):
        leaf.write_bytes(data)
        context = Contexts().context_for("a.localhost")
        assert context is not None
        shown(context, "a.localhost")


@pytest.mark.slow
def test_many_processes_at_once_make_one_authority() -> None:
    code = (
        "from homeport.run.certificates.authority import ensured, facts\n"
        "from homeport.host.clock import Clock\nimport sys\n"
        "sys.stdin.readline(); ensured(); print(facts().fingerprint)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    for each in started:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    told = {each.communicate(timeout=30)[0] for each in started}
    assert len(told) == 1
    assert len(told.pop().strip()) == 64
