"""The text tables /proc/PID/net/{tcp,tcp6,udp,udp6,unix}, as the same rows as sock_diag gives.

They tell less: no cookie, no backlog, no v6-only, no cgroup, no interface. Source: proc(5) and
the seq_show functions of net/ipv4/tcp_ipv4.c, net/ipv4/udp.c and net/unix/af_unix.c.
"""

from __future__ import annotations

import re
import struct
from socket import AF_INET, AF_INET6

from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage
from homeport.wire.inet_diag import STATES, InetRow
from homeport.wire.unix_diag import KINDS, UnixRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ESTABLISHED, _CLOSE, _LISTEN = 1, 7, 10
_ACCEPTS_CONNECTIONS = 1 << 16
# Times in /proc are in USER_HZ, which is 100 on every architecture with a recent kernel but Alpha.
_MS_PER_TICK = 10
# This table numbers states by enum socket_state of linux/net.h: connected, and connected but not
# accepted yet, which has no inode.
_UNIX_STATES = {b"03": _ESTABLISHED, b"02": _ESTABLISHED}
_WORDS = {8: struct.Struct("=I"), 32: struct.Struct("=4I")}
_UNIX_LINE = re.compile(
    rb"[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d+)(?: (.*))?",
    re.DOTALL,
)


def inet_rows(text: bytes, transport: Transport, *, listening_only: bool) -> list[InetRow]:
    """The rows of one of the tables tcp, tcp6, udp, udp6; raises `BrokenMessage`.

    With `listening_only`: TCP in LISTEN, UDP without a peer.
    """
    wanted = b"%02X" % (_CLOSE if transport is Transport.UDP else _LISTEN)
    lines = [line.split() for line in text.splitlines()[1:]]
    try:
        return [
            _inet_row(fields, transport)
            for fields in lines
            if not listening_only or fields[3] == wanted
        ]
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise BrokenMessage("a line of /proc/net cannot be read", why=str(error)) from None


def _inet_row(fields: list[bytes], transport: Transport) -> InetRow:
    local, _, local_port = fields[1].partition(b":")
    remote, _, remote_port = fields[2].partition(b":")
    sent, _, received = fields[4].partition(b":")
    timer, _, ticks = fields[5].partition(b":")
    state = int(fields[3], 16)
    if state not in STATES:
        raise ValueError(f"state {state}")
    return InetRow(
        transport=transport,
        v6only=None,
        family=int(AF_INET if len(local) == 8 else AF_INET6),
        state=state,
        timer=int(timer, 16),
        local_port=_port(local_port),
        remote_port=_port(remote_port),
        local=_packed(local),
        remote=_packed(remote),
        interface=0,
        cookie=None,
        expires_ms=int(ticks, 16) * _MS_PER_TICK,
        receive_queue=int(received, 16),
        send_queue=None if state == _LISTEN else int(sent, 16),
        uid=int(fields[7]),
        inode=int(fields[9]),
        cgroup_id=None,
    )


def _port(digits: bytes) -> int:
    port = int(digits, 16)
    if not 0 <= port <= 0xFFFF:
        raise ValueError(f"port {port}")
    return port


def _packed(digits: bytes) -> bytes:
    """An address from its hexadecimal words, each of them in the byte order of the machine."""
    words = (int(digits[at : at + 8], 16) for at in range(0, len(digits), 8))
    return _WORDS[len(digits)].pack(*words).ljust(16, b"\0")


def unix_rows(text: bytes, *, listening_only: bool) -> list[UnixRow]:
    """The rows of the table unix; raises `BrokenMessage`.

    The kernel escapes nothing: a path may hold blanks and line ends, and one that imitates a line
    of the table is taken for one. Of an abstract name, NUL bytes cannot be told from `@`.
    """
    return [
        row
        for row in map(_unix_row, _unix_lines(text))
        if not listening_only or row.state in (_LISTEN, _CLOSE)
    ]


def _unix_lines(text: bytes) -> Iterator[re.Match[bytes]]:
    """The lines of the table, each joined with those that continue its path."""
    pending: bytes | None = None
    for line in text.removesuffix(b"\n").split(b"\n")[1:]:
        if pending is None or _UNIX_LINE.match(line):
            if pending is not None:
                yield _unix_match(pending)
            pending = line
        else:
            pending += b"\n" + line
    if pending is not None:
        yield _unix_match(pending)


def _unix_match(line: bytes) -> re.Match[bytes]:
    match = _UNIX_LINE.fullmatch(line)
    if match is None:
        raise BrokenMessage("a line of /proc/net/unix cannot be read", why=repr(line[:80]))
    return match


def _unix_row(line: re.Match[bytes]) -> UnixRow:
    flags, kind, name = int(line[1], 16), int(line[2], 16), line[5]
    if kind not in KINDS:
        raise BrokenMessage("a unix socket of unknown kind", why=f"type {kind}")
    if name is not None and name.startswith(b"@"):
        name = b"\0" + name[1:]
    listening = bool(flags & _ACCEPTS_CONNECTIONS)
    return UnixRow(
        kind=KINDS[kind],
        state=_LISTEN if listening else _UNIX_STATES.get(line[3], _CLOSE),
        inode=int(line[4]),
        cookie=None,
        name=name,
        receive_queue=None,
        send_queue=None,
        uid=None,
    )
