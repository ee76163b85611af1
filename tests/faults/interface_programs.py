"""BPF programs on the lo of a namespace that drop every packet: XDP and tcx. bpf(2)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator

# Type of program, of attachment, flags, what the program returns (XDP_DROP, TC_ACT_SHOT).
XDP = (6, 37, 2, 1)
TCX = (3, 46, 0, 2)

_LOADER = """
import ctypes, os, socket, struct, sys, time
kind, attach, flags, verdict = map(int, sys.argv[1:])
def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
    kernel = ctypes.CDLL(None, use_errno=True)
    done = kernel.syscall(ctypes.c_long(number), ctypes.c_long(command), buffer, len(attributes))
    if done < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return done
code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, verdict, 0x95, 0, 0, 0))
words = ctypes.create_string_buffer(b"GPL")
program = bpf(5, struct.pack("=IIQQIIQII16sII", kind, 2, ctypes.addressof(code),
    ctypes.addressof(words), 0, 0, 0, 0, 0, b"drop_all", 0, attach))
link = bpf(28, struct.pack("=IIII48x", program, socket.if_nametoindex("lo"), attach, flags))
print("attached")
time.sleep(60)
"""


@contextmanager
def dropping(how: tuple[int, int, int, int]) -> Generator[Situation]:
    """A server behind such a program; that is gone with the process that has its link."""
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
        python_server(_LOADER, *how, ready="attached", namespace=namespace),
    ):
        yield Situation("http://127.0.0.1:8000/", namespace)
