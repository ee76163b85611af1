"""GDB's remote protocol: stubs of debuggers, told by their command lines and never connected to.

A connection is the debugger: gdbserver serves one, with `--once` and without `--multi` the only
one; QEMU's stub stops the guest, and OpenOCD the chip, until it is told to go on. (GDB manual,
"Remote Protocol"; QEMU documentation, "GDB usage"; OpenOCD User's Guide, "GDB and OpenOCD".)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.wire.command_line import port_of, program_name, values_of
from homeport.wire.protocols import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEBUGGERS = {"gdbserver", "lldb-server", "debugserver", "gdbserver64"}
_QEMU, _QEMU_PORT = "qemu-", 1234
_OPENOCD_PORTS = range(3333, 3343)  # one for each target


def _harm(argv: Sequence[str], port: int) -> str | None:
    program = program_name(argv)
    if program in _DEBUGGERS:
        return "a connection to it is its debugger, and it may take no other"
    if program.startswith(_QEMU) and port in _qemu_ports(argv):
        return "a connection to QEMU's debugger port stops the guest"
    if program == "openocd" and port in _OPENOCD_PORTS:
        return "a connection to OpenOCD's debugger port stops the chip"
    return None


def _qemu_ports(argv: Sequence[str]) -> set[int | None]:
    """The ports of `-s` and `-gdb tcp:host:port,server=on`, and of user mode's `-g port`."""
    devices = [each.partition(",")[0] for each in values_of(argv, "-gdb", "--gdb", "-g")]
    usual = {_QEMU_PORT} if "-s" in argv[1:] else set()
    return {*(port_of(each) for each in devices), *usual}


PROTOCOL = Protocol(
    name="gdbserver",
    source="https://sourceware.org/gdb/current/onlinedocs/gdb.html/Remote-Protocol.html",
    harm=_harm,
)
