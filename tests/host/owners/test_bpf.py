"""The kernel's own walk: what it needs, and that a wrong answer is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.bpf import run_iterator
from homeport.host.owners import bpf as owners_bpf
from homeport.host.owners import find_owners
from homeport.model.errors import NotPermitted, NotSupported
from homeport.wire.bpf import Offsets
from tests.host.owners.holders import inode_of, listening, want
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def usable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, on a machine where the kernel lets us."""
    if why := owners_bpf.refusal():
        pytest.skip(f"needs root: {why}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def kept(tmp_path: Path) -> Path:
    """The file of what was looked up in the kernel's types."""
    return tmp_path / "homeport" / "kernel-types"


def test_the_kernels_types_are_looked_up_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with listening() as held:
        first = owners_bpf.find({inode_of(held)})
        monkeypatch.setattr(owners_bpf, "_TYPES", "/nowhere")
        assert owners_bpf.find({inode_of(held)}) == first
    assert kept(tmp_path).read_text().count("\n") == 3


@pytest.mark.parametrize("damage", [b"", b"x", b"?\n\n\n", bytes(300), b"\xff\n1 2 3\n00000000\n"])
def test_a_damaged_file_is_looked_up_again(tmp_path: Path, damage: bytes) -> None:
    owners_bpf.find({1})
    good = kept(tmp_path).read_bytes()
    kept(tmp_path).write_bytes(damage)
    owners_bpf.find({1})
    assert kept(tmp_path).read_bytes() == good


def test_a_file_whose_numbers_mean_something_else_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Offsets, "_fields", ("iterator", "of another version"))
    owners_bpf.find({1})
    old = kept(tmp_path).read_bytes()
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    owners_bpf.find({1})
    assert kept(tmp_path).read_bytes() != old


def test_the_file_of_another_kernel_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    owners_bpf.find({1})
    good = kept(tmp_path).read_bytes()
    monkeypatch.setattr(owners_bpf, "_NOTES", "/nowhere")
    owners_bpf.find({1})
    assert kept(tmp_path).read_bytes() != good


@pytest.mark.parametrize(
    ("field", "place"),
    [("task_tgid", "task_start"), ("task_start", "task_name"), ("task_name", "task_start")],
)
def test_an_answer_that_is_not_true_of_ourselves_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, field: str, place: str
) -> None:
    right = owners_bpf._offsets()
    wrong = right._replace(**{field: getattr(right, place)})
    monkeypatch.setattr(owners_bpf, "_offsets", lambda: wrong)
    with pytest.raises(NotSupported, match="not true"):
        owners_bpf.find({1})


def test_a_program_that_the_kernel_refuses_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(OSError, match=r"."):
        run_iterator(bytes(8), 1)
    monkeypatch.setattr(owners_bpf, "program", lambda *_: bytes(16))
    with pytest.raises((NotSupported, NotPermitted), match="bpf"):
        owners_bpf.find({1})


def test_when_the_kernel_refuses_another_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners_bpf, "program", lambda *_: bytes(16))
    monkeypatch.setattr("homeport.host.owners._MANY", 1)
    with listening() as held:
        search = find_owners(want(inode_of(held)))
        assert search.holders == {inode_of(held): (os.getpid(),)}
    assert search.strategy in ("cache", "full")
    assert search.refused[0].startswith("bpf: ")


@pytest.mark.root
def test_without_the_capabilities_it_is_not_even_tried() -> None:
    os.seteuid(65534)
    try:
        assert "CAP_BPF" in (owners_bpf.refusal() or "")
    finally:
        os.seteuid(0)
    assert owners_bpf.refusal() is None


@pytest.mark.root
@pytest.mark.parametrize("namespace", ["--pid", "--time"])
def test_in_namespaces_of_its_own_nothing_wrong_is_said(namespace: str) -> None:
    unshare = need("unshare", package="util-linux")
    script = """
import os, socket
from homeport.host.owners import find_owners, SocketHint
from homeport.host.owners.bpf import refusal
from homeport.host.processes import read_brief
strategy = None if refusal() else "bpf"
with socket.create_server(("127.0.0.1", 0)) as held:
    inode = os.fstat(held.fileno()).st_ino
    found = find_owners({inode: SocketHint(0)}, strategy=strategy)
    assert found.holders[inode] == (os.getpid(),), found
    assert found.briefs in ({}, {os.getpid(): read_brief(os.getpid())}), found
    assert found.everything_seen <= (os.getpid() != 1), found
    print("right")
"""
    more = ["--mount-proc"] if namespace == "--pid" else ["--boottime", "5000"]
    done = subprocess.run(
        [unshare, "--fork", namespace, *more, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "right\n", done.stderr
