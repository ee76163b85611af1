"""Opens and closes sockets without rest: listeners, connections at both ends, datagrams, unix.

Most live for some milliseconds; some, which an observer sees twice, for as many seconds as the one
argument says. A script that runs alone. It says `ready` once sockets stand, and ends with its
standard input.
"""

from __future__ import annotations

import collections
import contextlib
import select
import socket
import sys
import threading
import time

FAST, SLOW = 60, 400
EACH_TURN = 5

Window = collections.deque[socket.socket]


def connection(window: Window) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    near = socket.create_connection(listener.getsockname())
    window.extend((listener, near, listener.accept()[0]))


def datagram(window: Window) -> None:
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    window.append(made)


def unix(window: Window) -> None:
    made = socket.socket(socket.AF_UNIX)
    made.bind("")
    made.listen()
    window.append(made)


def turn(window: Window, size: int) -> None:
    """Open one of each, close the oldest beyond `size`."""
    for make in (connection, datagram, unix):
        make(window)
    while len(window) > size:
        with window.popleft() as oldest:
            # Without TIME-WAIT, or the ports of the machine would be used up in a minute.
            oldest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def churn(life_s: float, ended: threading.Event) -> None:
    fast: Window = collections.deque()
    slow: Window = collections.deque()
    for _ in range(SLOW // EACH_TURN):
        turn(slow, SLOW)
    print("ready", flush=True)
    due = time.monotonic()
    while not ended.is_set():
        turn(fast, FAST)
        if time.monotonic() > due:
            turn(slow, SLOW)
            due += life_s * EACH_TURN / SLOW


if __name__ == "__main__":
    over = threading.Event()
    threading.Thread(target=churn, args=(float(sys.argv[1]), over)).start()
    with contextlib.suppress(KeyboardInterrupt):
        select.select([sys.stdin], [], [])
    over.set()
