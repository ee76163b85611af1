"""The memory of owners: proved before it is believed, kept where only we can write it."""

from __future__ import annotations

import os
from array import array
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.host.owners import cache as owners_cache
from homeport.host.owners import descriptors, find_owners
from homeport.host.owners.cache import Entry, Remembering, pack, unpack
from tests.host.owners.holders import WAITING, holder, inode_of, listening, want

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

HERE = bytes(24)
MEMORY = {
    1: Entry(table=77, descriptors=12, ran=1_234_567, seen_ns=5, sockets=array("Q", [900, 901])),
    4_194_304: Entry(1 << 32, 0, (1 << 63) - 1, 5_000_000_000, array("Q")),
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A memory for each test, that knows nothing yet."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    owners_cache.forget()
    yield
    owners_cache.forget()


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Of which processes the links are read."""
    read: list[str] = []

    def sockets_of(path: str, count: int | None) -> list[int]:
        read.append(path)
        return descriptors.sockets_of(path, count)

    with monkeypatch.context() as patched:
        patched.setattr(owners_cache, "sockets_of", sockets_of)
        yield read


# A process with enough descriptors to be worth remembering, that waits for orders.
QUIET = """
import array, os, socket, sys
channel = socket.socket(fileno=int(sys.argv[1]))
spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
print("ready", flush=True)
for order in sys.stdin:
    if order == "exchange\\n":
        os.close(spare.pop())
        _, rights, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(4))
        held = array.array("i", rights[0][2])
        print("done", len(os.listdir("/proc/self/fd")), flush=True)
    if order == "fork\\n":
        child = os.fork()
        if not child:
            sys.stdin.read()
            os._exit(0)
        print(child, flush=True)
"""


def holders_of(inode: int) -> tuple[int, ...]:
    """What the cache says, which has to be what a full scan says."""
    found = find_owners(want(inode), strategy="cache").holders
    assert found == find_owners(want(inode), strategy="full").holders
    return found.get(inode, ())


def test_a_process_that_has_not_run_is_not_looked_into_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as held, holder(QUIET, held) as other:
        other.wait_asleep()
        expected = tuple(sorted((os.getpid(), other.pid)))
        assert holders_of(inode_of(held)) == expected
        with counting(monkeypatch) as read:
            assert holders_of(inode_of(held)) == expected
        assert f"/proc/{other.pid}" not in read
        assert f"/proc/{os.getpid()}" in read


def test_another_process_of_the_same_user_profits(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as held, holder(QUIET, held) as other:
        other.wait_asleep()
        expected = holders_of(inode_of(held))
        owners_cache.forget()
        with counting(monkeypatch) as read:
            assert holders_of(inode_of(held)) == expected
        assert f"/proc/{other.pid}" not in read


def test_a_new_holder_with_as_many_descriptors_as_before_is_noticed() -> None:
    with listening() as held, holder(QUIET) as other:
        assert holders_of(inode_of(held)) == (os.getpid(),)
        other.give(held)
        assert other.tell("exchange").startswith("done")
        assert holders_of(inode_of(held)) == tuple(sorted((os.getpid(), other.pid)))


def test_a_forked_holder_is_noticed() -> None:
    with listening() as held, holder(QUIET, held) as other:
        before = holders_of(inode_of(held))
        child = int(other.tell("fork"))
        assert holders_of(inode_of(held)) == tuple(sorted((*before, child)))


def test_a_socket_that_was_not_asked_for_then_is_known_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as held, listening() as later, holder(QUIET, held, later) as other:
        other.wait_asleep()
        holders_of(inode_of(held))
        with counting(monkeypatch) as read:
            assert other.pid in holders_of(inode_of(later))
        assert f"/proc/{other.pid}" not in read


def test_threads_that_have_not_run_are_proof_too(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = """
import os, sys, threading
spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(40)]
started = threading.Barrier(3)
def wait():
    started.wait()
    threading.Event().wait()
for _ in range(2):
    threading.Thread(target=wait, daemon=True).start()
started.wait()
print("ready", flush=True)
sys.stdin.read()
"""
    with listening() as held, holder(threads, held) as other:
        other.wait_asleep()
        expected = holders_of(inode_of(held))
        with counting(monkeypatch) as read:
            assert holders_of(inode_of(held)) == expected
        assert f"/proc/{other.pid}" not in read


def test_a_process_that_runs_right_now_is_not_believed() -> None:
    busy = "import os\n[os.dup(0) for _ in range(20)]\nprint('ready', flush=True)\nwhile True: pass"
    with holder(busy) as other:
        path = f"/proc/{other.pid}"
        status = os.stat(f"{path}/fd")
        ran = owners_cache._ran(path, status.st_size)
        # As if it had been remembered this instant, with the same accounts.
        now = owners_cache.now_ns()
        wrong = Entry(status.st_ino, status.st_size, ran, now, array("Q", [1]))
        look = Remembering({other.pid: wrong}, counted=True, clock=lambda: now)
        assert 1 not in look(other.pid, path, status)


def test_where_processors_do_not_tick_only_a_sleeper_has_settled() -> None:
    ours = Entry(table=1, descriptors=20, ran=1, seen_ns=0, sockets=array("Q"))
    for tickless in (False, True):
        look = Remembering({}, counted=True, clock=lambda: 1_000_000_000, tickless=tickless)
        # Whoever asks is running.
        assert look._is_settled(ours, "/proc/self") is not tickless


@pytest.mark.parametrize(
    ("text", "expected"), [("1-3\n", True), ("\n", False), ("(null)\n", False)]
)
def test_which_processors_do_not_tick(tmp_path: Path, text: str, expected: bool) -> None:  # noqa: FBT001
    place = tmp_path / "devices/system/cpu"
    place.mkdir(parents=True)
    (place / "nohz_full").write_text(text)
    assert owners_cache.some_are_tickless(str(tmp_path)) is expected
    assert not owners_cache.some_are_tickless(str(tmp_path / "nowhere"))


def test_a_kernel_that_does_not_account_for_running_is_read_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owners_cache, "_runs", lambda _path: 0)
    with listening() as held, holder(QUIET, held) as other:
        other.wait_asleep()
        expected = holders_of(inode_of(held))
        with counting(monkeypatch) as read:
            assert holders_of(inode_of(held)) == expected
        assert f"/proc/{other.pid}" in read
    assert owners_cache.remembered() == {}


def test_accounts_that_cannot_be_read_are_none() -> None:
    assert owners_cache._runs("/proc/self/no-such-file") == 0
    assert not owners_cache._asleep("/proc/self/no-such-process")


def test_a_damaged_file_is_ignored_and_written_again() -> None:
    with listening() as held, holder(WAITING, held):
        expected = holders_of(inode_of(held))
        path = owners_cache._path()
        with open(path, "r+b") as file:
            file.seek(100)
            file.write(b"?")
        owners_cache.forget()
        assert owners_cache.remembered() is None
        assert holders_of(inode_of(held)) == expected
        owners_cache.forget()
        assert owners_cache.remembered() is not None


def test_a_file_that_others_may_write_is_ignored() -> None:
    find_owners(want(1), strategy="cache")
    os.chmod(owners_cache._path(), 0o666)
    owners_cache.forget()
    assert owners_cache.remembered() is None


def test_the_file_is_private() -> None:
    find_owners(want(1), strategy="cache")
    assert os.stat(owners_cache._path()).st_mode & 0o777 == 0o600


def test_nowhere_to_write_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "homeport").write_text("a file where the directory should be")
    with listening() as held:
        assert holders_of(inode_of(held)) == (os.getpid(),)


def test_what_was_packed_is_unpacked() -> None:
    assert unpack(pack(MEMORY, HERE), HERE) == MEMORY


def test_what_another_boot_left_is_forgotten() -> None:
    assert unpack(pack(MEMORY, HERE), b"\1" + HERE[1:]) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_nothing_but_no_failure(data: bytes) -> None:
    assert unpack(data, HERE) is None


@given(st.randoms(use_true_random=False))
def test_a_cut_or_flipped_file_is_never_believed(chance: random.Random) -> None:
    data = bytearray(pack(MEMORY, HERE))
    if chance.random() < 0.5:
        del data[chance.randrange(len(data)) :]
    else:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    found = unpack(bytes(data), HERE)
    # Only unused bytes stand outside the checksum.
    assert found in (None, MEMORY)
