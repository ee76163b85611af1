"""Socket units from directories laid out as systemd's are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from homeport.host.socket_units import SYSTEM_DIRECTORIES, socket_units
from homeport.wire.socket_unit import SocketUnit

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WEB = "[Socket]\nListenStream=8080\n"


def units(*places: Path) -> tuple[SocketUnit, ...]:
    return socket_units(tuple(map(str, places)))


def test_units_by_name(tmp_path: Path) -> None:
    (tmp_path / "web.socket").write_text(WEB)
    (tmp_path / "a.socket").write_text("[Socket]\nListenDatagram=69\n")
    (tmp_path / "web.service").write_text("[Service]\n")
    assert units(tmp_path) == (
        SocketUnit("a.socket", "a.service", datagrams=("69",)),
        SocketUnit("web.socket", "web.service", streams=("8080",)),
    )


def test_the_first_directory_wins(tmp_path: Path) -> None:
    for name, port in (("etc", 1), ("lib", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "web.socket").write_text(f"[Socket]\nListenStream={port}\n")
    (found,) = units(tmp_path / "etc", tmp_path / "lib")
    assert found.streams == ("1",)


def test_drop_ins_apply_in_the_order_of_their_names_wherever_they_lie(tmp_path: Path) -> None:
    etc, lib = tmp_path / "etc", tmp_path / "lib"
    for place in (etc, lib):
        (place / "web.socket.d").mkdir(parents=True)
    (lib / "web.socket").write_text(WEB)
    (lib / "web.socket.d" / "20.conf").write_text("[Socket]\nListenStream=20\n")
    (etc / "web.socket.d" / "10.conf").write_text("[Socket]\nListenStream=\nListenStream=10\n")
    (etc / "web.socket.d" / "note.txt").write_text("[Socket]\nListenStream=30\n")
    (found,) = units(etc, lib)
    assert found.streams == ("10", "20")


def test_a_masked_unit_is_none_and_neither_is_an_alias(tmp_path: Path) -> None:
    etc, lib = tmp_path / "etc", tmp_path / "lib"
    etc.mkdir()
    lib.mkdir()
    (lib / "web.socket").write_text(WEB)
    (lib / "alias.socket").symlink_to("web.socket")
    assert [unit.name for unit in units(etc, lib)] == ["web.socket"]
    (etc / "web.socket").symlink_to(os.devnull)
    assert units(etc, lib) == ()


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.socket")
    (tmp_path / "directory.socket").mkdir()
    (tmp_path / "bytes.socket").write_bytes(b"\xff\0[Socket]\n")
    assert [unit.name for unit in units(tmp_path, tmp_path / "missing")] == ["bytes.socket"]


def test_a_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "web.socket").write_text(WEB)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [unit.name for unit in socket_units(("~",))] == ["web.socket"]


def test_those_of_this_machine_are_readable() -> None:
    for unit in socket_units(SYSTEM_DIRECTORIES):
        assert unit.name.endswith(".socket")
        assert unit.service.endswith(".service")
