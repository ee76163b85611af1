"""The bpf() system call, as far as we need it; ctypes is imported when first called.

Source: bpf(2) and include/uapi/linux/bpf.h. Errors are OSError here: the caller falls back to
another way of finding out and keeps the text.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterator
    from typing import TypeAlias

    _Buffer: TypeAlias = ctypes.Array[ctypes.c_char]

_MAP_CREATE, _MAP_UPDATE, _PROG_LOAD, _LINK_CREATE, _ITER_CREATE = 0, 2, 5, 28, 33
_PROG_TEST_RUN, _PROG_BY_ID, _OBJECT_INFO, _PROG_QUERY = 10, 13, 15, 16
_MAP_TYPE_ARRAY = 2
_PROG_TYPE_TRACING, _ATTACH_TRACE_ITER = 26, 28
# By machine; all of these have 64 bits and put the lowest byte first, as the program expects.
_NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280}
_CHUNK = 1 << 16
_MOST_ATTACHED = 64
_ATTRIBUTES_SIZE = 256
# struct bpf_prog_info: its first 80 bytes end with the name.
_INFO_SIZE, _NAME_AT = 80, 64
# The kernel lends seq_write, and pointers into its structs, only to programs that say so. These
# few instructions may be used under the GPL, version 2, as well as under the project's licence.
_LICENSE = b"GPL"


def system_call_number() -> int | None:
    """The number of bpf() for this interpreter, None on machines where it is not known to us."""
    fits = sys.platform == "linux" and sys.maxsize > 1 << 32 and sys.byteorder == "little"
    return _NUMBERS.get(os.uname().machine) if fits else None


@contextmanager
def array_map(value: bytes | bytearray) -> Iterator[int]:
    """A map with this one value, for the length of the block. Raises OSError."""
    made = _call(_MAP_CREATE, struct.pack("=IIIII", _MAP_TYPE_ARRAY, 4, len(value), 1, 0))
    try:
        key, content = _buffer(bytes(4)), _buffer(value)
        _call(_MAP_UPDATE, struct.pack("=I4xQQQ", made, _address(key), _address(content), 0))
        yield made
    finally:
        os.close(made)


def run_iterator(program: bytes, function_id: int) -> bytes:
    """Load the program, let it run over everything once, and return all that it wrote.

    `function_id` says which iterator it is for, as a number in the kernel's BTF. Needs CAP_BPF and
    CAP_PERFMON. Raises OSError. Linux 5.8 and later.
    """
    loaded = _load(program, function_id)
    try:
        link = _call(_LINK_CREATE, struct.pack("=IIII", loaded, 0, _ATTACH_TRACE_ITER, 0))
    finally:
        os.close(loaded)
    try:
        iterator = _call(_ITER_CREATE, struct.pack("=II", link, 0))
    finally:
        os.close(link)
    try:
        return _read_all(iterator)
    finally:
        os.close(iterator)


def attached(cgroup: int, hook: int) -> tuple[int, ...]:
    """The ids of the programs that are attached to a cgroup, given by its directory's descriptor.

    Needs CAP_NET_ADMIN. Raises OSError.
    """
    ids = _buffer(bytes(4 * _MOST_ATTACHED))
    query = _filled(
        struct.pack("=IIIIQI4xQQ", cgroup, hook, 0, 0, _address(ids), _MOST_ATTACHED, 0, 0)
    )
    _answered(_PROG_QUERY, query)
    (count,) = struct.unpack_from("=I", query.raw, 24)
    return struct.unpack_from(f"={count}I", ids.raw)


@contextmanager
def program_with(number: int) -> Iterator[int]:
    """A descriptor of a loaded program, for the length of the block. Raises OSError."""
    opened = _call(_PROG_BY_ID, struct.pack("=III", number, 0, 0))
    try:
        yield opened
    finally:
        os.close(opened)


def program_name(program: int) -> str:
    """The name that its loader gave a program, cut by the kernel to 15 characters."""
    info = _buffer(bytes(_INFO_SIZE))
    _call(_OBJECT_INFO, struct.pack("=IIQ", program, _INFO_SIZE, _address(info)))
    name: bytes = info.raw[_NAME_AT : _NAME_AT + 16]
    return name.partition(b"\0")[0].decode("utf-8", "replace")


def judged(program: int, frame: bytes) -> int:
    """What a program returns for an Ethernet frame that is sent nowhere. Raises OSError."""
    data = _buffer(frame)
    run = _filled(struct.pack("=IIIIQQII", program, 0, len(frame), 0, _address(data), 0, 1, 0))
    _answered(_PROG_TEST_RUN, run)
    (verdict,) = struct.unpack_from("=I", run.raw, 4)
    return int(verdict)


def _load(program: bytes, function_id: int) -> int:
    instructions, license_text = _buffer(program), _buffer(_LICENSE + b"\0")
    return _call(
        _PROG_LOAD,
        struct.pack(
            # Between them: log level, size and buffer, version, flags; interface; type information.
            "=IIQQIIQII16sIIIIQIIQII",
            *(_PROG_TYPE_TRACING, len(program) // 8, _address(instructions)),
            *(_address(license_text), 0, 0, 0, 0, 0, b"homeport_owners"),
            *(0, _ATTACH_TRACE_ITER, 0, 0, 0, 0, 0, 0, 0, function_id),
        ),
    )


def _read_all(descriptor: int) -> bytes:
    chunks: list[bytes] = []
    while chunk := os.read(descriptor, _CHUNK):
        chunks.append(chunk)
    return b"".join(chunks)


def _buffer(data: bytes | bytearray) -> _Buffer:
    import ctypes

    return (ctypes.c_char * len(data)).from_buffer_copy(data)


def _filled(attributes: bytes) -> _Buffer:
    """Attributes with zeros behind them, for what the kernel answers.

    It writes some answers, such as the revision of a query, whatever size it was told.
    """
    return _buffer(attributes.ljust(_ATTRIBUTES_SIZE, b"\0"))


def _address(buffer: _Buffer) -> int:
    import ctypes

    return ctypes.addressof(buffer)


def _call(command: int, attributes: bytes) -> int:
    """One bpf() call; a descriptor that it returns is closed on exec by the kernel's own choice."""
    return _answered(command, _filled(attributes))


def _answered(command: int, buffer: _Buffer) -> int:
    """One bpf() call that may write its answer into the attributes."""
    import ctypes

    number = system_call_number()
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    system_call = ctypes.CDLL(None, use_errno=True).syscall
    system_call.restype = ctypes.c_long
    result: int = system_call(
        ctypes.c_long(number),
        ctypes.c_long(command),
        ctypes.c_void_p(_address(buffer)),
        ctypes.c_long(len(buffer)),
    )
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
