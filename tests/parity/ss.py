"""What ss says, as rows.

It is asked with `-e` for the inode, in one line a socket (`-O`), without header (`-H`).
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from tests.parity.rows import PEERS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A unix path may hold line breaks: a socket begins only where a line looks like the start of one.
_START = re.compile(r"^(?=(?:\w+\s+)?[A-Z0-9-]+\s+\d+\s+\d+\s)", re.MULTILINE)
_INET = re.compile(
    r"(?:(?P<netid>[a-z]\w*)\s+)?(?P<state>[A-Z0-9-]+)\s+(?P<received>\d+)\s+(?P<sent>\d+)\s+"
    r"(?P<local>\S+)\s+(?P<remote>\S+)\s*(?:users:\((?P<users>.*\))\))?(?P<rest>.*)",
    re.DOTALL,
)
# The name of a unix socket may hold anything; what follows it is fixed, so it is matched greedily.
_UNIX = re.compile(
    r"(?P<netid>u_\w+)\s+(?P<state>[A-Z0-9-]+)\s+(?P<received>\d+)\s+(?P<sent>\d+)\s+"
    r"(?P<local>.*)\s(?P<inode>\d+)\s+\S+\s+\d+(?:\s+users:\((?P<users>.*)\))?\s*",
    re.DOTALL,
)
# A process may be named `",pid=1,fd=2)`: its name ends only where the next user begins, or none.
_USER = re.compile(r'\("(?P<name>.*?)",pid=(?P<pid>\d+),fd=\d+\)(?=,\("|$)', re.DOTALL)
_INODE = re.compile(r"\bino:(\d+)\b")
_HOST = re.compile(r"(?P<address>\[[^]]*\]|[^%]*)(?:%(?P<interface>.*))?")


def ss(flags: str, *, prefix: Sequence[str] = ()) -> list[Row]:
    """Run `ss` with some flags of `PEERS`."""
    unix = "x" in flags
    argv = [*prefix, "ss", "-HOn", flags, *([] if unix else ["-e"])]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    said = subprocess.run(argv, capture_output=True, check=True, env=environment).stdout
    text = said.decode(errors="backslashreplace")
    return PEERS[flags].of(parse(text, "mptcp" if "M" in flags else "tcp"))


def parse(text: str, transport: str) -> Iterator[Row]:
    """The rows in what ss printed; `transport` is what it leaves out if asked for one only."""
    for line in _START.split(text):
        if line.startswith("u_"):
            yield unix_row(line)
        elif line:
            yield inet_row(line, transport)


def inet_row(line: str, transport: str) -> Row:
    match = _INET.fullmatch(line)
    assert match, line
    local, interface, port = split_address(match["local"])
    remote, _, remote_port = split_address(match["remote"])
    listening = match["remote"].endswith(":*")
    inode = _INODE.search(match["rest"])
    assert inode, line
    return Row(
        netid=match["netid"] or transport,
        state=match["state"],
        local=local,
        local_port=port,
        remote="" if listening else remote,
        remote_port=remote_port,
        interface=interface,
        # ss writes the IPv6 wildcard as `*` where it takes IPv4 too, and else as `[::]`.
        v6only=match["remote"] == "[::]:*" if listening and ":" in local else None,
        receive_queue=int(match["received"]),
        send_queue=int(match["sent"]),
        inode=int(inode[1]),
        pids=pids(match["users"]),
    )


def unix_row(line: str) -> Row:
    match = _UNIX.fullmatch(line)
    assert match, line
    return Row(
        netid=match["netid"],
        state=match["state"],
        local=match["local"],
        local_port=0,
        remote="",
        remote_port=0,
        interface=None,
        v6only=None,
        receive_queue=int(match["received"]),
        send_queue=int(match["sent"]),
        inode=int(match["inode"]),
        pids=pids(match["users"]),
    )


def split_address(text: str) -> tuple[str, str | None, int]:
    """Address, interface and port of `127.0.0.1%lo:80`, `[fe80::1]%eth0:80`, `0.0.0.0:*`."""
    host, _, port = text.rpartition(":")
    match = _HOST.fullmatch(host)
    assert match, text
    address = "::" if match["address"] == "*" else match["address"].strip("[]")
    return address, match["interface"], 0 if port == "*" else int(port)


def pids(users: str | None) -> tuple[int, ...]:
    return tuple(sorted({int(user["pid"]) for user in _USER.finditer(users or "")}))
