"""Reads the socket tables below /proc/PID/net, for where sock_diag cannot be asked. Linux.

They may be read for any process that /proc shows, without privilege, and tell less in each row.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError, NotFound, NotPermitted
from homeport.wire.proc_net import inet_rows, unix_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from homeport.wire.inet_diag import InetRow
    from homeport.wire.unix_diag import UnixRow

_TABLES = {Transport.TCP: ("tcp", "tcp6"), Transport.UDP: ("udp", "udp6")}


class ProcTables:
    """The socket tables of the network namespace of process `pid` (or "self").

    `complete` is False: no cookie, no backlog, no v6-only, no cgroup, no interface, no MPTCP.
    """

    complete = False
    inconsistent = False

    def __init__(self, pid: int | str, *, proc: str = "/proc") -> None:
        self.unsupported: set[Transport] = set()
        self._directory = f"{proc}/{pid}/net"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Does nothing: no descriptor is kept."""

    def inet(self, *, listening_only: bool, transports: frozenset[Transport]) -> list[InetRow]:
        """The rows of these transports, IPv4 and IPv6; see `sock_diag.read_inet`."""
        self.unsupported |= transports & {Transport.MPTCP}
        return [
            row
            for transport in (Transport.TCP, Transport.UDP)
            if transport in transports
            for table in _TABLES[transport]
            for row in inet_rows(self._read(table), transport, listening_only=listening_only)
        ]

    def bound(self) -> list[InetRow]:
        """Nothing: these tables do not list such sockets."""
        return []

    def unix(self, *, listening_only: bool = True) -> list[UnixRow]:
        """Unix sockets; see `sock_diag.read_unix`."""
        return unix_rows(self._read("unix"), listening_only=listening_only)

    def interface_name(self, index: int) -> str | None:  # noqa: ARG002  (as that of DiagTables)
        """None: the rows of these tables name no interface."""
        return None

    def _read(self, table: str) -> bytes:
        try:
            with open(f"{self._directory}/{table}", "rb") as file:
                return file.read()
        except FileNotFoundError as error:
            # A kernel without IPv6 has no tcp6; a process that has ended has nothing at all.
            if table.endswith("6"):
                return b""
            raise NotFound(f"{self._directory} has gone", why=str(error)) from error
        except PermissionError as error:
            raise NotPermitted(f"{self._directory} may not be read", why=str(error)) from error
        except OSError as error:
            raise HomeportError(f"{self._directory} cannot be read", why=str(error)) from error
