from __future__ import annotations

import pytest

from tests.parity import ss
from tests.parity.rows import Row, changes, differences, dumped, loaded

ROW = Row("tcp", "LISTEN", "::1", 80, "", 0, None, True, 0, 7, 54, (1,))


def parsed(text: str) -> Row:
    (row,) = ss.parse(text, "tcp")
    return row


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        ("127.0.0.1%lo:80", "0.0.0.0:*", ("127.0.0.1", "lo", None)),
        ("[::1]:80", "[::]:*", ("::1", None, True)),
        ("*:80", "*:*", ("::", None, False)),
        ("*%lo:80", "*:*", ("::", "lo", False)),
        ("[::]%lo:80", "[::]:*", ("::", "lo", True)),
        ("[::ffff:0.0.0.0]:80", "*:*", ("::ffff:0.0.0.0", None, False)),
        ("[fe80::1]%eth0:80", "[::]:*", ("fe80::1", "eth0", True)),
    ],
)
def test_addresses_of_ss(local: str, remote: str, expected: tuple[object, ...]) -> None:
    row = parsed(f"LISTEN 0 7 {local} {remote} ino:54 sk:1 cgroup:/ <->")
    assert (row.local, row.interface, row.v6only) == expected
    assert (row.local_port, row.remote, row.remote_port) == (80, "", 0)


@pytest.mark.parametrize("name", ["a", "a b", '"', "))", '",pid=1,fd=2)', "é\n"])
def test_users_of_ss_whatever_their_names(name: str) -> None:
    users = f'users:(("{name}",pid=77,fd=3),("{name}",pid=78,fd=3),("x",pid=77,fd=4))'
    assert parsed(f"LISTEN 0 7 [::1]:80 [::]:* {users} uid:5 ino:54 sk:1 <->").pids == (77, 78)
    unix = parsed(f"u_str LISTEN 0 5  /tmp/x 98 * 0 {users} \n")
    assert (unix.local, unix.inode, unix.pids) == ("/tmp/x", 98, (77, 78))


@pytest.mark.parametrize("path", ["/a b", "/a\nb", "/star * 0", '/q users:(("x",pid=1,fd=2))', "*"])
def test_unix_paths_of_ss(path: str) -> None:
    row = parsed(f'u_seq LISTEN 1 5 {path} 98 * 0 users:(("x",pid=7,fd=4)) \n')
    assert (row.local, row.inode, row.pids, row.receive_queue) == (path, 98, (7,), 1)


def test_differences_counts_what_is_there_twice() -> None:
    assert differences([ROW], [ROW]) == []
    assert differences([ROW, ROW], [ROW]) == [f"only the peer: {ROW}"]
    assert differences([], [ROW]) == [f"only Homeport: {ROW}"]


def test_changes_looks_only_at_what_stayed() -> None:
    other = ROW._replace(pids=(2,))
    assert changes([ROW], [ROW], [ROW]) == []
    assert changes([ROW], [other], [other]) == []
    assert changes([ROW], [], []) == []
    assert changes([ROW], [], [ROW]) == [f"missing: {ROW}"]
    assert changes([ROW], [other], [ROW]) == [f"pids: (2,) instead of (1,) in {other}"]
    assert changes([ROW], [other], [ROW], but=("pids",)) == []


def test_rows_survive_json() -> None:
    assert loaded(dumped([ROW])) == [ROW]
