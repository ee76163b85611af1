"""Audit records of denials."""

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.denials import Denied, parse_denial
from tests.see.diagnose.recorded_denials import APPARMOR, APPARMOR_BIND, BIND, CLIENT, FILE, HTTPD

ALL = (APPARMOR, APPARMOR_BIND, BIND, CLIENT, FILE, HTTPD)


def test_selinux_tells_the_port_and_the_contexts() -> None:
    assert parse_denial(f"6,12,3456,-;{HTTPD}") == Denied(
        1_700_000_097_123,
        "SELinux",
        "name_connect",
        812,
        "nginx",
        9000,
        "system_u:system_r:httpd_t:s0",
        "system_u:object_r:http_port_t:s0",
    )
    bind = parse_denial(BIND)
    assert bind is not None
    assert (bind.port, bind.of_bind, bind.of_connect) == (8000, True, False)


def test_auditd_writes_the_same_record() -> None:
    found = parse_denial(CLIENT)
    assert found is not None
    assert (found.pid, found.port, found.at_ms) == (4711, 8000, 1_700_000_098_000)


def test_a_permissive_domain_is_told_apart() -> None:
    found = parse_denial(HTTPD.replace("permissive=0", "permissive=1"))
    assert found is not None
    assert found.permissive


def test_apparmor_tells_the_profile_and_perhaps_the_port() -> None:
    found = parse_denial(APPARMOR)
    assert found is not None
    assert (found.module, found.action, found.pid, found.port, found.context) == (
        "AppArmor",
        "connect",
        4711,
        None,
        "/usr/bin/fetch",
    )
    bind = parse_denial(APPARMOR_BIND)
    assert bind is not None
    assert (bind.port, bind.of_bind) == (8000, True)


def test_other_lines_are_none() -> None:
    assert parse_denial(FILE) is None
    assert parse_denial("") is None
    assert parse_denial(HTTPD.replace("tcp_socket", "file")) is None
    assert parse_denial(APPARMOR.replace("DENIED", "ALLOWED")) is None
    assert parse_denial("avc:  denied  { name_connect } for  pid=1 tclass=tcp_socket") is None


@given(st.text(), st.sampled_from(ALL), st.integers(0, 300))
def test_it_survives_anything(text: str, line: str, size: int) -> None:
    parse_denial(text)
    parse_denial(line[:size] + text)
