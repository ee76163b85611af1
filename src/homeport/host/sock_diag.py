"""Asks the kernel for its socket tables through NETLINK_SOCK_DIAG (sock_diag(7)). Linux.

A socket of this kind belongs to the network namespace in which it was opened, and answers for
that one from wherever it is used later.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import suppress
from functools import partial

from homeport.host.garbage import collection_paused
from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage, HomeportError, NotPermitted, NotSupported
from homeport.model.record import NamedTuple
from homeport.wire import inet_diag, unix_diag
from homeport.wire.inet_diag import InetParser, InetRow
from homeport.wire.netlink import Dump, KernelRefused
from homeport.wire.unix_diag import UnixParser, UnixRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol, Self, TypeVar

    from homeport.host.proc_net import ProcTables

    Row = TypeVar("Row")

    class _Parser(Protocol[Row]):
        dump: Dump

        def feed(self, buffer: bytearray, size: int) -> list[Row]: ...


TIMEOUT_MS = 5000
ATTEMPTS = 3
_NETLINK_SOCK_DIAG = 4
_BOUND_INACTIVE_STATE = 13
_CLOSE, _LISTEN, _BOUND_INACTIVE = 1 << 7, 1 << 10, 1 << _BOUND_INACTIVE_STATE
# What `ss -a` asks for: everything but the sockets that are bound and do nothing.
_ALL_STATES = 0xFFF
# The kernel hands out dumps in pieces of at most 32 KiB, whatever the size of the buffer.
_BUFFER_SIZE = 1 << 16
_UNKNOWN_HERE = (errno.ENOENT, errno.EPROTONOSUPPORT, errno.EOPNOTSUPP)
_SIOCGIFNAME = 0x8910

# SKNLGRP_INET_TCP_DESTROY and the three after it, a bit each.
_DESTROY_GROUPS = 0b1111
_EVENT_BUFFER_SIZE = 1 << 22
_EVENTS_AT_ONCE = 50_000
_SO_ATTACH_FILTER = 26


class DiagTables:
    """The socket tables of the network namespace in which this was made.

    `unsupported` collects the transports that this kernel has no such table for: MPTCP is missing
    then, for others the text tables of process `pid`, who lives there, are read. `complete` is
    False once that was done. `inconsistent` is set once a table kept changing under the dump.
    Raises `NotSupported` or `NotPermitted` where there is no such interface.
    """

    def __init__(self, *, pid: int | str | None = "self", proc: str = "/proc") -> None:
        self.unsupported: set[Transport] = set()
        self.complete: bool = True
        self.inconsistent: bool = False
        self._pid = pid
        self._proc = proc
        self._mptcp: bool | None = None
        self._sequence = 0
        self._buffer = bytearray(_BUFFER_SIZE)
        self._socket = _opened()
        self._port_id: int = self._socket.getsockname()[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the descriptor back."""
        self._socket.close()

    def inet(self, *, listening_only: bool, transports: frozenset[Transport]) -> list[InetRow]:
        """The rows of these transports, IPv4 and IPv6; see `read_inet`."""
        rows: list[InetRow] = []
        with collection_paused():
            for transport in sorted(transports - {Transport.UNIX}):
                if transport is not Transport.MPTCP or self.uses_mptcp():
                    rows += self._inet(transport, listening_only=listening_only)
        return rows

    def bound(self) -> list[InetRow]:
        """TCP sockets that are bound and neither listen nor connect, yet hold their port.

        Linux 6.8 and later; older kernels answer with nothing.
        """
        try:
            rows = self._both_families(Transport.TCP, _BOUND_INACTIVE)
        except KernelRefused as refused:
            self._check_unknown(Transport.TCP, refused)
            return []
        # In the row itself the kernel calls them closed.
        return [row._replace(state=_BOUND_INACTIVE_STATE) for row in rows]

    def unix(self, *, listening_only: bool = True) -> list[UnixRow]:
        """Unix sockets; see `read_unix`."""
        states = _LISTEN | _CLOSE if listening_only else _ALL_STATES
        try:
            return self._answer(partial(unix_diag.dump_request, states), UnixParser)
        except KernelRefused as refused:
            self._check_unknown(Transport.UNIX, refused)
            return self._text_tables().unix(listening_only=listening_only)

    def interface_name(self, index: int) -> str | None:
        """The name of an interface of this namespace (netdevice(7)); None if there is none."""
        import fcntl

        try:
            # struct ifreq: 16 bytes of name and a union of 24 that begins with the index.
            answer = fcntl.ioctl(self._socket, _SIOCGIFNAME, struct.pack("=16si20x", b"", index))
        except OSError:
            return None
        return os.fsdecode(answer[:16].partition(b"\0")[0])

    def uses_mptcp(self) -> bool:
        """Whether there are MPTCP sockets, as far as that can be told for less than a dump.

        A dump walks the whole table of tokens, 0.8 ms a family, and few machines have any. The
        first call has to come from within the namespace.
        """
        if self._mptcp is None:
            in_use = _mptcp_in_use(self._proc)
            if in_use is None:
                self.unsupported.add(Transport.MPTCP)
            self._mptcp = bool(in_use)
        return self._mptcp

    def _inet(self, transport: Transport, *, listening_only: bool) -> list[InetRow]:
        try:
            return self._both_families(transport, _states(transport, listening_only=listening_only))
        except KernelRefused as refused:
            self._check_unknown(transport, refused)
        if transport is Transport.MPTCP:
            return []
        wanted = frozenset({transport})
        return self._text_tables().inet(listening_only=listening_only, transports=wanted)

    def _both_families(self, transport: Transport, states: int) -> list[InetRow]:
        parser = partial(InetParser, transport=transport)
        rows: list[InetRow] = []
        for family in (socket.AF_INET, socket.AF_INET6):
            request = partial(inet_diag.dump_request, transport, family, states)
            rows += self._answer(request, parser)
        return rows

    def _check_unknown(self, transport: Transport, refused: KernelRefused) -> None:
        """Notes a transport that the kernel has no table for; raises for any other refusal."""
        if refused.errno not in _UNKNOWN_HERE:
            raise _translated(OSError(refused.errno, os.strerror(refused.errno))) from None
        self.unsupported.add(transport)

    def _text_tables(self) -> ProcTables:
        from homeport.host.proc_net import ProcTables

        if self._pid is None:
            raise NotSupported("this kernel offers no socket tables through NETLINK_SOCK_DIAG")
        self.complete = False
        return ProcTables(self._pid, proc=self._proc)

    def _answer(
        self, request: Callable[[int], bytes], parser: Callable[[Dump], _Parser[Row]]
    ) -> list[Row]:
        """The rows of one dump, asked again a few times while the table changes under it."""
        rows: list[Row] = []
        for _ in range(ATTEMPTS):
            self._sequence += 1
            dump = Dump(self._port_id, self._sequence)
            rows = self._collect(request(self._sequence), parser(dump))
            if not dump.interrupted:
                return rows
        self.inconsistent = True
        return rows

    def _collect(self, request: bytes, parser: _Parser[Row]) -> list[Row]:
        rows: list[Row] = []
        try:
            self._socket.send(request)
            while not parser.dump.done:
                # MSG_TRUNC makes the kernel return the whole length also of what it cut off.
                size = self._socket.recv_into(self._buffer, 0, socket.MSG_TRUNC)
                if not 0 < size <= _BUFFER_SIZE:
                    raise BrokenMessage("the kernel's answer did not fit", why=f"{size} bytes")
                rows += parser.feed(self._buffer, size)
        except OSError as error:
            raise _translated(error) from error
        return rows


class Closed(NamedTuple):
    """Sockets that were closed, and whether some were `missed` because nobody read in time."""

    rows: list[InetRow]
    missed: bool


class DestroyEvents:
    """Tells of every TCP and UDP socket of this network namespace that is closed. Any user may.

    A row has the cookie by which a listing knew the socket; its inode is 0 by then. Where
    `unconnected_only`, the kernel drops what had a peer, or sought one in vain, before it reaches
    this process. Use `fileno()` with select, then `read()`. Linux 4.6 and later; older kernels
    tell of nothing.
    """

    def __init__(self, *, unconnected_only: bool = False) -> None:
        self._buffer = bytearray(_BUFFER_SIZE)
        self._socket = _opened(_DESTROY_GROUPS)
        self._socket.setblocking(False)
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _EVENT_BUFFER_SIZE)
        if unconnected_only:
            from homeport.wire.without_peer import WITHOUT_PEER

            _attach_filter(self._socket, WITHOUT_PEER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the descriptor back."""
        self._socket.close()

    def fileno(self) -> int:
        """The descriptor that becomes readable when something was closed."""
        return self._socket.fileno()

    def read(self) -> Closed:
        """What was closed since the last call; never waits."""
        closed = Closed([], missed=False)
        parser = InetParser(Dump(0, 0), Transport.TCP)
        for _ in range(_EVENTS_AT_ONCE):
            try:
                size = self._socket.recv_into(self._buffer)
            except BlockingIOError:
                return closed
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise _translated(error) from error
                closed = closed._replace(missed=True)
            else:
                closed.rows.extend(parser.feed(self._buffer, size))
        return closed


def read_inet(*, listening_only: bool, transports: frozenset[Transport]) -> list[InetRow]:
    """The TCP, UDP and MPTCP sockets of this network namespace, IPv4 and IPv6.

    With `listening_only`: TCP and MPTCP in LISTEN, UDP without a peer. Raises `HomeportError`.
    Linux: sock_diag(7), or /proc/net where that is not offered.
    """
    with own_tables() as tables:
        return tables.inet(listening_only=listening_only, transports=transports)


def read_unix(*, listening_only: bool = True) -> list[UnixRow]:
    """The unix sockets of this network namespace, those without a peer or all; see `read_inet`."""
    with own_tables() as tables:
        return tables.unix(listening_only=listening_only)


def own_tables(*, proc: str = "/proc") -> DiagTables | ProcTables:
    """The tables of the caller's network namespace, by the best way that this system offers.

    A container's seccomp filter may forbid netlink, and some kernels are built without it.
    """
    try:
        return DiagTables(proc=proc)
    except (NotPermitted, NotSupported):
        from homeport.host.proc_net import ProcTables

        return ProcTables("self", proc=proc)


def _states(transport: Transport, *, listening_only: bool) -> int:
    if not listening_only:
        return _ALL_STATES
    return _CLOSE if transport is Transport.UDP else _LISTEN


def _opened(groups: int = 0) -> socket.socket:
    """A netlink socket that hears nobody but the kernel, and never waits for ever."""
    try:
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    except (OSError, AttributeError) as error:
        raise _translated(error) from error
    try:
        if groups:
            opened.bind((0, groups))
        opened.connect((0, 0))
        # A timeout of Python's own would cost a poll() for every piece of a dump.
        timeout = struct.pack("ll", TIMEOUT_MS // 1000, TIMEOUT_MS % 1000 * 1000)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
    except OSError as error:
        opened.close()
        raise _translated(error) from error
    return opened


def _attach_filter(target: socket.socket, program: Sequence[tuple[int, int, int, int]]) -> None:
    """Lets the kernel drop what the classic BPF program does not pass (socket(7))."""
    from array import array

    code = array("B", b"".join(struct.pack("=HBBI", *step) for step in program))
    fprog = struct.pack("HP", len(program), code.buffer_info()[0])
    target.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


def _translated(error: OSError | AttributeError) -> HomeportError:
    number = getattr(error, "errno", None)
    if number in (errno.EPERM, errno.EACCES):
        return NotPermitted("the kernel's socket tables are closed to this user", why=str(error))
    if number in (errno.EAGAIN, errno.EWOULDBLOCK):
        return HomeportError(f"the kernel did not answer within {TIMEOUT_MS} ms")
    if isinstance(error, AttributeError) or number in (errno.EAFNOSUPPORT, *_UNKNOWN_HERE):
        return NotSupported("this system has no NETLINK_SOCK_DIAG", why=str(error))
    return HomeportError("the kernel's socket tables cannot be read", why=str(error))


def _mptcp_in_use(proc: str) -> bool | None:
    """Whether this thread's namespace may have MPTCP sockets; None: the kernel has no MPTCP."""
    try:
        with open(f"{proc}/thread-self/net/protocols", "rb") as file:
            lines = [line.split() for line in file if line.startswith(b"MPTCP")]
    except OSError:
        return True
    if not lines:
        return None
    # Kernels count these sockets since 6.3; before, the third column is 0 whatever there is.
    return _kernel_release() < (6, 3) or any(line[2:3] != [b"0"] for line in lines)


def _kernel_release() -> tuple[int, ...]:
    numbers = os.uname().release.split("-")[0].split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())
