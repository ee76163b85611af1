"""Holds a load of sockets: one coordinator that forks every worker and answers for its end.

Runs as a script of its own under `python -I -S`, so that hundreds of processes come up in a
second. It imports nothing of the project and writes no file. Workers end when the coordinator
does, however that ends.
"""

import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

# Closing with a linger of zero sends a reset: twenty thousand sockets leave no TIME-WAIT behind.
# Accepted sockets inherit it from their listener.
_NO_TIME_WAIT = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Spec(NamedTuple):
    """What to hold; ``other_descriptors`` is per process, ``projects`` are working directories."""

    processes: int
    listeners: int
    connections: int
    other_descriptors: int
    deadline_s: int
    projects: tuple[str, ...]


class Plan(NamedTuple):
    """Who does what: per worker the listeners it dials, per listener how many calls it takes."""

    dials: list[list[int]]
    calls: list[int]


class Barrier(NamedTuple):
    """A pipe that nobody writes to: readers wait until the last writing end is closed."""

    read_fd: int
    write_fd: int

    def wait(self) -> None:
        """Return once every other holder of the writing end has closed it."""
        os.close(self.write_fd)
        while os.read(self.read_fd, 1):
            pass
        os.close(self.read_fd)


def plan(spec: Spec) -> Plan:
    """Spread the connections over the listeners, from processes other than the listener's own."""
    dials: list[list[int]] = [[] for _ in range(spec.processes)]
    calls = [0] * spec.listeners
    for number in range(spec.connections):
        step = 1 + (number // spec.listeners) % max(spec.processes - 1, 1)
        target = (number + step) % spec.listeners
        dials[number % spec.processes].append(target)
        calls[target] += 1
    return Plan(dials, calls)


def listen(number: int) -> socket.socket:
    """One listener in three is IPv6, as on a machine where half the tools say ``localhost``."""
    six = number % 3 == 2
    made = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_TIME_WAIT)
    made.bind(("::1" if six else "127.0.0.1", 0))
    made.listen(1024)
    return made


def dial(host: str, port: int) -> socket.socket:
    """A connection whose source port the kernel chooses."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_TIME_WAIT)
    made.connect((host, port))
    return made


def other_descriptors(count: int) -> list[int]:
    """Files, pipes, socket pairs and eventfds, mixed about as in an editor or a server."""
    held: list[int] = []
    while len(held) < count:
        held += [os.open("/dev/null", os.O_RDWR) for _ in range(8)]
        held += os.pipe()
        held += [end.detach() for end in socket.socketpair()]
        held.append(os.eventfd(0))
    for extra in held[count:]:
        os.close(extra)
    return held[:count]


class Shared(NamedTuple):
    """What every worker inherits: the address book, where to report, when to go on, when to end."""

    book_fd: int
    report_fd: int
    go: Barrier
    hold: Barrier


def work(me: int, spec: Spec, plan: Plan, shared: Shared) -> list[object]:
    """Open this worker's share, in step with the others; the sockets live as long as the result."""
    book_fd, report_fd = shared.book_fd, shared.report_fd
    others = other_descriptors(spec.other_descriptors)
    numbers = range(me, spec.listeners, spec.processes)
    listeners = {number: listen(number) for number in numbers}
    for number, listener in listeners.items():
        host, port = listener.getsockname()[:2]
        os.write(report_fd, f"{number} {os.getpid()} {host} {port}\n".encode())
    os.write(report_fd, b"bound\n")
    shared.go.wait()
    # A handshake on loopback completes without accept, so dialling first cannot deadlock.
    book = json.loads(os.pread(book_fd, os.fstat(book_fd).st_size, 0))
    dialled = [dial(*book[target]) for target in plan.dials[me]]
    accepted = [
        listener.accept()[0]
        for number, listener in listeners.items()
        for _ in range(plan.calls[number])
    ]
    os.write(report_fd, b"established\n")
    return [others, listeners, dialled, accepted]


def settle(me: int, spec: Spec) -> None:
    """Become a process that a tool can tell from the others: own name, own project directory."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.alarm(spec.deadline_s)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    with open("/proc/self/comm", "w") as comm:
        comm.write(f"load-{me}")
    if spec.projects:
        os.chdir(spec.projects[me % len(spec.projects)])


def run_worker(me: int, spec: Spec, plan: Plan, shared: Shared) -> NoReturn:
    """A forked worker from first line to last; never returns into the coordinator's code."""
    try:
        settle(me, spec)
        held = work(me, spec, plan, shared)
        os.close(shared.report_fd)
        os.close(shared.book_fd)
        signal.alarm(0)
        shared.hold.wait()
        del held
    except BaseException as error:  # noqa: BLE001  (the coordinator raises it again)
        os.write(shared.report_fd, f"failed {me} {error!r}\n".encode())
    os._exit(0)


def reports(report_fd: int) -> Iterator[str]:
    """Every line of the workers as it comes, until all of them closed their end."""
    rest = b""
    while chunk := os.read(report_fd, 65536):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in whole)


def gather(spec: Spec, report_fd: int, book_fd: int, go: Barrier) -> list[tuple[int, str, int]]:
    """Collect the listeners, publish them to every worker, wait until all is established."""
    book: dict[int, tuple[int, str, int]] = {}
    bound = established = 0
    for line in reports(report_fd):
        if line.startswith("failed"):
            raise RuntimeError(line)
        if line == "bound":
            bound += 1
            if bound == spec.processes:
                addresses = [book[number][1:] for number in range(spec.listeners)]
                os.pwrite(book_fd, json.dumps(addresses).encode(), 0)
                os.close(go.write_fd)
        elif line == "established":
            established += 1
        else:
            number, pid, host, port = line.split()
            book[int(number)] = (int(pid), host, int(port))
    if established != spec.processes:
        raise RuntimeError(f"{spec.processes - established} workers ended early")
    return [book[number] for number in range(spec.listeners)]


def end(pids: list[int]) -> None:
    """Kill and reap: until it is reaped, a child's pid cannot belong to anybody else."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)


def give_up(_signal: int, _frame: object) -> NoReturn:
    """End in order, through every finally."""
    raise SystemExit(1)


def coordinate(spec: Spec) -> None:
    """Start every worker, say ``ready`` with a line of JSON, hold until standard input closes."""
    whole = plan(spec)
    book_fd = os.memfd_create("book")
    report_fd, worker_report_fd = os.pipe()
    go, hold = Barrier(*os.pipe()), Barrier(*os.pipe())
    pids: list[int] = []
    try:
        for me in range(spec.processes):
            pid = os.fork()
            if pid == 0:
                os.close(report_fd)
                run_worker(me, spec, whole, Shared(book_fd, worker_report_fd, go, hold))
            pids.append(pid)
        os.close(worker_report_fd)
        listeners = gather(spec, report_fd, book_fd, go)
        signal.alarm(0)
        print(json.dumps({"pids": pids, "listeners": listeners}), flush=True)
        os.read(0, 1)
    finally:
        end(pids)


def main() -> None:
    """Hold what the file asks for that the one argument names: a `Spec` as JSON."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = Spec(**json.load(file))
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, give_up)
    signal.alarm(spec.deadline_s)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65536)), hard))
    coordinate(spec)


if __name__ == "__main__":
    main()
