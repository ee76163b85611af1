"""Takes ports by one method from many processes at once, and counts what goes wrong.

Runs as a script of its own: `python lease_worker.py METHOD PROCESSES LEASES GAP_MS`, and prints
JSON. Each process has a child, forked before, that binds the port and listens on it GAP_MS after
the port was handed out, as a server does that has to start first. Two more make noise: connections
and binds to port 0.
"""

import contextlib
import json
import mmap
import os
import random
import socket
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple

ALL_PORTS = 65536
LONGEST_S = 100
NOISE_SOCKETS = 30
NOISE_PAUSE_S = 0.01
STEADY_S = 1.5
RESET_AT_CLOSE = struct.pack("ii", 1, 0)

Taken = tuple[int, Callable[[], None]]


class Tally(NamedTuple):
    """What one process met: `refused` are binds that failed, `twice` ports somebody had already."""

    leases: int
    refused: int
    twice: int
    gave_up: int
    acquire_us: list[float]


def nothing() -> None:
    """Most methods have nothing to give back."""


def homeport_lease() -> Taken:
    """A lease: held on IPv4 and IPv6, under a lock."""
    import homeport

    lease = homeport.lease()
    return lease.port, lease.release


def homeport_named() -> Taken:
    """A lease under a name, one for each process: the same port each time."""
    import homeport

    lease = homeport.lease(f"service-{os.getpid()}")
    return lease.port, lease.release


def bind_and_close() -> Taken:
    """Whatever port the kernel gives, given back at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1], nothing


def random_and_probe() -> Taken:
    """As portless does: a random port of 4000-4999 where nobody answers, and that can be bound."""
    while True:
        port = random.randint(4000, 4999)
        with socket.socket() as caller:
            caller.settimeout(1)
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port, nothing


def by_portpicker() -> Taken:
    """Without the server that portpicker can be given."""
    portpicker = import_module("portpicker")
    try:
        port = portpicker.pick_unused_port()
    except portpicker.NoFreePortFoundError as error:
        raise OSError("none found") from error
    return port, lambda: portpicker.return_port(port)


def by_ephemeral_port_reserve() -> Taken:
    """A port that a connection in TIME-WAIT keeps from being handed out."""
    return import_module("ephemeral_port_reserve").reserve("127.0.0.1"), nothing


METHODS: dict[str, Callable[[], Taken]] = {
    "homeport": homeport_lease,
    "homeport-named": homeport_named,
    "bind0": bind_and_close,
    "portless": random_and_probe,
    "portpicker": by_portpicker,
    "ephemeral-port-reserve": by_ephemeral_port_reserve,
}


def server(orders: socket.socket) -> None:
    """The child: binds each port that it is told, listens, and says whether that worked."""
    while order := orders.recv(8):
        (port,) = struct.unpack("!Q", order)
        with socket.socket() as made:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                made.bind(("127.0.0.1", port))
                made.listen()
            except OSError:
                orders.send(b"-")
            else:
                orders.send(b"+")
                orders.recv(1)


def client(
    take: Callable[[], Taken], leases: int, gap_s: float, used: mmap.mmap, orders: socket.socket
) -> Tally:
    """Takes ports one after the other, and has the child serve on each."""
    deadline = time.monotonic() + LONGEST_S
    refused = twice = done = gave_up = 0
    acquire_us = []
    while done < leases and time.monotonic() < deadline:
        began = time.perf_counter()
        try:
            port, give_back = take()
        except (OSError, TypeError):
            gave_up += 1
            time.sleep(gap_s)
            continue
        acquire_us.append((time.perf_counter() - began) * 1e6)
        twice += used[port]
        used[port] = 1
        time.sleep(gap_s)
        orders.send(struct.pack("!Q", port))
        if orders.recv(1) == b"+":
            used[port] = 0
            orders.send(b".")
        else:
            refused += 1
            used[port] = 0
        give_back()
        done += 1
    return Tally(done, refused, twice, gave_up, acquire_us)


def connecting() -> None:
    """Noise: connections, whose ports the kernel chooses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while True:
            calls = []
            for _ in range(NOISE_SOCKETS):
                calls.append(socket.create_connection(listener.getsockname()))
                calls.append(listener.accept()[0])
            time.sleep(NOISE_PAUSE_S)
            for call in calls:
                call.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
                call.close()


def binding() -> None:
    """Noise: others that let the kernel choose a port, and keep it for a while."""
    while True:
        with contextlib.ExitStack() as kept:
            for _ in range(NOISE_SOCKETS):
                kept.enter_context(socket.create_server(("127.0.0.1", 0)))
            time.sleep(NOISE_PAUSE_S)


@contextlib.contextmanager
def noise() -> Iterator[None]:
    """Both kinds, for the block."""
    pids = []
    for work in (connecting, binding):
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(OSError, KeyboardInterrupt):
                work()
            os._exit(0)
        pids.append(pid)
    try:
        yield
    finally:
        for pid in pids:
            # One that met an error has ended, and may have been waited for with the others.
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, 9)
                os.waitpid(pid, 0)


def in_child(work: Callable[[], None]) -> int:
    """Runs it in a process of its own."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def one_process(
    take: Callable[[], Taken], leases: int, gap_s: float, used: mmap.mmap, result: int
) -> None:
    """A process that takes ports, beside its server."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        ours.close()
        server(theirs)

    pid = in_child(serve)
    theirs.close()
    tally = client(take, leases, gap_s, used, ours)
    ours.close()
    os.waitpid(pid, 0)
    with open(result, "w", encoding="ascii") as file:
        json.dump(tally, file)


def stress(take: Callable[[], Taken], processes: int, leases: int, gap_s: float) -> Tally:
    """All processes at once; their tallies together, the times of acquiring by their median."""
    take()[1]()
    used = mmap.mmap(-1, ALL_PORTS)
    with noise():
        pipes = []
        for _ in range(processes):
            reading, writing = os.pipe()
            in_child(lambda w=writing: one_process(take, leases, gap_s, used, w))  # type: ignore[misc]
            os.close(writing)
            pipes.append(reading)
        tallies = []
        for reading in pipes:
            with open(reading, encoding="ascii") as file:
                tallies.append(Tally(*json.load(file)))
        for _ in range(processes):
            os.wait()
    times = [each for tally in tallies for each in tally.acquire_us]
    return Tally(
        leases=sum(each.leases for each in tallies),
        refused=sum(each.refused for each in tallies),
        twice=sum(each.twice for each in tallies),
        gave_up=sum(each.gave_up for each in tallies),
        acquire_us=[statistics.median(times)],
    )


class Rate(NamedTuple):
    """Ports a second that one process takes and gives back, by the clock and by its own time."""

    per_s: float
    per_cpu_s: float


def steady(take: Callable[[], Taken]) -> Rate:
    """What one process manages by itself."""
    count, began, cpu_began = 0, time.perf_counter(), time.process_time()
    while (took := time.perf_counter() - began) < STEADY_S:
        try:
            take()[1]()
        except (OSError, TypeError):
            break
        count += 1
    return Rate(count / took, count / (time.process_time() - cpu_began))


def main() -> None:
    """One method, as the arguments say; no processes at all means one, without a gap."""
    method, processes, leases, gap_ms = sys.argv[1], *map(int, sys.argv[2:5])
    take = METHODS[method]
    if processes == 0:
        steady(take)
        rates = [steady(take) for _ in range(3)]
        best = Rate(*map(max, zip(*rates, strict=True)))
        print(json.dumps(best._asdict()))
        return
    tally = stress(take, processes, leases, gap_ms / 1000)
    print(json.dumps(tally._asdict() | {"acquire_us": tally.acquire_us[0]}))


if __name__ == "__main__":
    main()
