"""The program that lets the kernel itself say who holds which socket, and what it answers.

Instructions as in Documentation/bpf/standardization/instruction-set.rst; the program is one of
the kind of tools/testing/selftests/bpf: it is called for each descriptor of each process (the
iterator `task_file`, Linux 5.8) and writes a record for each socket.
"""

from __future__ import annotations

import struct

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeport.wire.btf import Btf

_INSTRUCTION = struct.Struct("<BBhi")
# Inode, start, pid, network namespace, name of the process, its user.
_RECORD = struct.Struct("=QQII16sI4x")

FILTER_SIZE = 1 << 16
"""Entries of the table, a power of two: byte N tells whether an inode that ends so is wanted."""

# Operation codes: class | size or source | mode.
_LOAD_64, _LOAD_32, _LOAD_8 = 0x79, 0x61, 0x71
_STORE_64, _STORE_32 = 0x7B, 0x63
_MOVE, _MOVE_CONSTANT = 0xBF, 0xB7
_ADD, _ADD_CONSTANT, _AND_CONSTANT = 0x0F, 0x07, 0x57
_JUMP_EQUAL, _CALL, _EXIT = 0x15, 0x85, 0x95
_LOAD_CONSTANT_64, _MAP_VALUE = 0x18, 2
_SEQ_WRITE, _SOCK_FROM_FILE = 127, 162
_FRAME = 10
_FARTHEST = 0x7FFF

# struct bpf_iter__task_file: pointers to meta, task; the descriptor; a pointer to file. All are
# aligned to 8 on every machine, and struct bpf_iter_meta begins with the pointer to seq.
_CONTEXT_META, _CONTEXT_TASK, _CONTEXT_FILE, _META_SEQ = 0, 8, 24, 0


class Offsets(NamedTuple):
    """What the program has to know of this kernel; all but the first are bytes into structs."""

    iterator: int
    file_inode: int
    inode_number: int
    task_tgid: int
    task_leader: int
    task_start: int
    task_name: int
    task_cred: int
    cred_user: int
    socket_sock: int
    sock_net: int
    net_inum: int


def offsets(types: Btf) -> Offsets:
    """Looks up what the program has to know; raises BrokenMessage where this kernel differs."""
    found = Offsets(
        iterator=types.function_id("bpf_iter_task_file"),
        file_inode=types.offset("file", "f_inode"),
        inode_number=types.offset("inode", "i_ino"),
        task_tgid=types.offset("task_struct", "tgid"),
        task_leader=types.offset("task_struct", "group_leader"),
        task_start=types.offset("task_struct", "start_boottime"),
        task_name=types.offset("task_struct", "comm"),
        task_cred=types.offset("task_struct", "real_cred"),
        cred_user=types.offset("cred", "euid"),
        socket_sock=types.offset("socket", "sk"),
        sock_net=types.offset("sock", "__sk_common") + types.offset("sock_common", "skc_net"),
        net_inum=types.offset("net", "ns") + types.offset("ns_common", "inum"),
    )
    if max(found[1:]) > _FARTHEST:
        raise BrokenMessage("kernel types: a member lies farther away than an instruction reaches")
    return found


def program(at: Offsets, filter_map: int | None = None) -> bytes:
    """The instructions. `filter_map` is the descriptor of an array map with one value, the table.

    The first record that does not fit into the kernel's buffer is asked for again by the kernel
    itself: what the write returns does not matter.
    """
    context, file, task, inode = 6, 7, 8, 9
    body = [
        _line(_MOVE, context, 1),
        _line(_LOAD_64, file, context, _CONTEXT_FILE),
        _leave_if_null(file),
        _line(_LOAD_64, task, context, _CONTEXT_TASK),
        _leave_if_null(task),
        _line(_MOVE, 1, file),
        _line(_CALL, constant=_SOCK_FROM_FILE),
        _leave_if_null(0),
        _line(_LOAD_64, inode, file, at.file_inode),
        _line(_LOAD_64, inode, inode, at.inode_number),
        *([] if filter_map is None else _leave_if_unwanted(inode, filter_map)),
        *_record(at, task=task, inode=inode),
        *_write(context),
    ]
    return b"".join(_resolved(body))


def _record(at: Offsets, *, task: int, inode: int) -> list[bytes]:
    """Puts the record on the stack; register 0 holds the socket, 1 and 2 are free."""
    low, leader = -_RECORD.size, 2
    return [
        _line(_STORE_64, _FRAME, inode, low),
        _line(_LOAD_64, leader, task, at.task_leader),
        _line(_LOAD_64, 1, leader, at.task_start),
        _line(_STORE_64, _FRAME, 1, low + 8),
        _line(_LOAD_32, 1, task, at.task_tgid),
        _line(_STORE_32, _FRAME, 1, low + 16),
        _line(_LOAD_64, 1, 0, at.socket_sock),
        _line(_LOAD_64, 1, 1, at.sock_net),
        _line(_LOAD_32, 1, 1, at.net_inum),
        _line(_STORE_32, _FRAME, 1, low + 20),
        _line(_LOAD_64, 1, leader, at.task_name),
        _line(_STORE_64, _FRAME, 1, low + 24),
        _line(_LOAD_64, 1, leader, at.task_name + 8),
        _line(_STORE_64, _FRAME, 1, low + 32),
        # Never null, which kernels that tag this pointer want to see checked all the same.
        _line(_LOAD_64, 1, leader, at.task_cred),
        _leave_if_null(1),
        _line(_LOAD_32, 1, 1, at.cred_user),
        # The upper half, zero by now, is what fills the record up.
        _line(_STORE_64, _FRAME, 1, low + 40),
    ]


def _write(context: int) -> list[bytes]:
    return [
        _line(_LOAD_64, 1, context, _CONTEXT_META),
        _line(_LOAD_64, 1, 1, _META_SEQ),
        _line(_MOVE, 2, _FRAME),
        _line(_ADD_CONSTANT, 2, constant=-_RECORD.size),
        _line(_MOVE_CONSTANT, 3, constant=_RECORD.size),
        _line(_CALL, constant=_SEQ_WRITE),
    ]


def _leave_if_unwanted(inode: int, filter_map: int) -> list[bytes]:
    # Register 0 must keep the socket.
    return [
        _line(_MOVE, 1, inode),
        _line(_AND_CONSTANT, 1, constant=FILTER_SIZE - 1),
        _line(_LOAD_CONSTANT_64, 2, _MAP_VALUE, constant=filter_map) + _line(0),
        _line(_ADD, 2, 1),
        _line(_LOAD_8, 2, 2),
        _leave_if_null(2),
    ]


def _line(
    operation: int, target: int = 0, source: int = 0, offset: int = 0, constant: int = 0
) -> bytes:
    return _INSTRUCTION.pack(operation, target | source << 4, offset, constant)


def _leave_if_null(register: int) -> bytes:
    # How far the end is gets known when all is assembled.
    return _line(_JUMP_EQUAL, register)


def _resolved(body: list[bytes]) -> Iterator[bytes]:
    size = sum(map(len, body))
    at = 0
    for lines in body:
        at += len(lines)
        if lines[0] == _JUMP_EQUAL:
            yield _line(_JUMP_EQUAL, lines[1], offset=(size - at) // _INSTRUCTION.size)
        else:
            yield lines
    yield _line(_MOVE_CONSTANT, 0)
    yield _line(_EXIT)


def filter_table(inodes: Iterable[int]) -> bytearray:
    """The table for the program: one byte for each of the endings that wanted inodes have."""
    table = bytearray(FILTER_SIZE)
    for inode in inodes:
        table[inode & FILTER_SIZE - 1] = 1
    return table


def parse(answer: bytes) -> Iterator[tuple[int, int, int, int, bytes, int]]:
    """What the program wrote: (inode, start, pid, network namespace, name, user) for each socket.

    The start of the process is in nanoseconds since boot; the namespace, that of the socket, is
    given by its inode; the name ends with the first NUL, the user is the effective one. Plain
    tuples: there may be 50,000. Raises BrokenMessage when the last one is cut short.
    """
    try:
        return _RECORD.iter_unpack(answer)
    except struct.error as error:
        raise BrokenMessage("the kernel's list of sockets is cut short") from error
