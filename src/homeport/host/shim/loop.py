"""The shim itself: a forked process that starts one program, and ends all that came of it.

It runs in a copy of the supervisor's memory and must touch none of it: no event loop, no descriptor
but its own, no clean-up at exit.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
from contextlib import suppress

from homeport.host import cgroups, prctl, terminals
from homeport.host.descendants import descendants, lives, send_all
from homeport.host.shim.descriptors import close_all_but
from homeport.host.shim.limits import by_process
from homeport.host.shim.program import Surroundings, ignored_signals, start
from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.model.running import Exited, Gone, NotStarted, Stage, Started
from homeport.wire.shim_channel import Lines, Stop, encode_report, parse_stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from homeport.host.shim.accounts import Identity
    from homeport.host.shim.capabilities import Capabilities
    from homeport.host.terminals import Terminal
    from homeport.model.process import ProcessId
    from homeport.model.running import Program, Report, Unmet

_MILLISECOND_NS = 1_000_000
_REST_MS = 2000
_ROUND_MS = 10
_LONGEST_END_MS = 5000
_LOOK_MS = 200


class Ends(NamedTuple):
    """What the shim gets from its supervisor: descriptors, and what was looked up before."""

    channel: int
    terminal: Terminal | None
    listener: int | None
    keep: tuple[int, ...]
    stop_signal: signal.Signals
    identity: Identity | None
    allowed: Capabilities
    group: int


def run_shim(program: Program, ends: Ends) -> NoReturn:
    """Never returns: the process that was forked for it ends."""
    status = 70
    try:
        gc.disable()  # nothing of the supervisor's may be finalized here
        shim = _set_up(program, ends)
        if shim is not None:
            shim.run()
        status = 0
    finally:
        os._exit(status)


def _set_up(program: Program, ends: Ends) -> _Shim | None:
    """The shim; None, once its supervisor knows why, where the system refuses it something."""
    try:
        return _Shim(program, ends)
    except OSError as error:
        for report in (NotStarted(Stage.SHIM, error.errno or 0), Gone(0)):
            os.write(ends.channel, encode_report(report))
        return None


class _Shim:
    """The program, and until when what is left of it has time."""

    def __init__(self, program: Program, ends: Ends) -> None:
        self._ends = ends
        self._program_facts = program
        self._ignored = ignored_signals()
        self._waking = _own_signals()
        self._close_foreign()
        self._channel: socket.socket | None = socket.socket(fileno=ends.channel)
        self._lines = Lines()
        self._adopts = ends.allowed.adopts and prctl.adopt_orphans()
        self._made = (
            cgroups.make(os.getpid(), program.limits)
            if ends.allowed.cgroups
            else cgroups.Made(None)
        )
        self._program: int | None = None
        self._group = 0
        self._seen: dict[int, ProcessId] = {}
        self._deadline_ns: int | None = None
        self._rest_asked = False
        self._signal = ends.stop_signal

    def _close_foreign(self) -> None:
        """Everything but our own: another shim's channel would never end, with us at its end."""
        terminal = self._ends.terminal
        kept = {*self._ends.keep, self._ends.channel, *self._waking}
        kept |= set() if self._ends.listener is None else {self._ends.listener}
        kept |= set() if terminal is None else {terminal.ours, terminal.theirs}
        close_all_but(kept)

    def run(self) -> None:
        """From the start of the program until nothing is left of it."""
        prctl.name_process("homeport-shim")
        self._leave_terminal()
        left = self._last() if self._start() else 0
        cgroups.remove(self._made.path)
        self._tell(Gone(left, certain=self._adopts))

    def _leave_terminal(self) -> None:
        """Ctrl-C and the like are for the program, not for its shim."""
        if self._ends.terminal is None:
            os.setpgid(0, 0)
        else:
            os.setsid()

    def _start(self) -> bool:
        outcome, unmet = self._attempt()
        if isinstance(outcome, NotStarted) and outcome.stage is Stage.SHIM and self._made.path:
            # A cgroup that can be made cannot always be joined (cgroups(7), delegation).
            cgroups.remove(self._made.path)
            self._made = cgroups.Made(None)
            outcome, unmet = self._attempt()
        self._let_go_of_files()
        if isinstance(outcome, NotStarted):
            self._tell(outcome)
            return False
        self._program = outcome
        self._group = outcome if self._ends.terminal is not None else self._ends.group
        self._tell(Started(outcome, self._made.path, unmet))
        return True

    def _attempt(self) -> tuple[int | NotStarted, tuple[Unmet, ...]]:
        for_each, unmet = by_process(self._program_facts.limits, self._made)
        terminal = self._ends.terminal
        into = Surroundings(
            terminal=None if terminal is None else terminal.theirs,
            listener=self._ends.listener,
            cgroup=self._made.path,
            limits=for_each,
            identity=self._ends.identity,
            group=self._ends.group,
            ignored=self._ignored if terminal is None else frozenset(),
        )
        return start(self._program_facts, into), unmet

    def _let_go_of_files(self) -> None:
        """What only the program needs: its terminal, and the output of a pipeline that we are in.

        Our end of the terminal stays open, so that the program is not hung up with its supervisor.
        """
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            if descriptor not in self._ends.keep:
                os.dup2(nothing, descriptor)
        if nothing > 2:
            os.close(nothing)
        if self._ends.terminal is not None:
            os.close(self._ends.terminal.theirs)
        if self._ends.listener is not None and self._ends.listener not in self._ends.keep:
            os.close(self._ends.listener)

    def _last(self) -> int:
        """Waits for the end of everything, and brings it about when it is time; how many remain."""
        while True:
            self._reap()
            if self._program is None:
                if self._nothing_left():
                    return 0
                self._ask_rest()
            if self._left_ms() == 0:
                return self._end_all()
            self._wait(self._left_ms())

    def _left_ms(self) -> int | None:
        if self._deadline_ns is None:
            return None
        left_ns = self._deadline_ns - time.monotonic_ns()
        return max(0, -(-left_ns // _MILLISECOND_NS))

    def _reap(self) -> None:
        """Takes leave of every process of ours that has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._program:
                self._program = None
                over_memory = cgroups.was_over_memory(self._made.path)
                self._tell(_exited(status)._replace(over_memory=over_memory))

    def _nothing_left(self) -> bool:
        if not self._adopts:
            return not self._look()
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True  # whoever is left would be our child: orphans are adopted
        return False

    def _look(self) -> list[ProcessId]:
        """What is seen to be left of it; remembered, where orphans go to somebody else."""
        found = descendants(os.getpid())
        if self._adopts:
            return found
        self._seen |= {each.pid: each for each in found}
        self._seen = {pid: each for pid, each in self._seen.items() if lives(each)}
        return list(self._seen.values())

    def _ask(self, stop: Stop) -> None:
        self._set_deadline(stop.grace_ms)
        if stop.signal == signal.SIGKILL:
            self._set_deadline(0)
        elif self._program is not None:
            self._signal = signal.Signals(stop.signal)
            self._look()
            self._send_to_group(self._signal)

    def _send_to_group(self, number: signal.Signals) -> None:
        """To the whole group, as a terminal does; one that was stopped has to run to hear it."""
        if self._program is None:
            return
        own_group = self._ends.terminal is not None
        for each in (number, signal.SIGCONT):
            with suppress(OSError):
                if own_group:
                    os.killpg(self._group, each)
                else:  # the group is the supervisor's
                    os.kill(self._program, each)

    def _ask_rest(self) -> None:
        """What the program has left behind is asked once, and has little time."""
        if not self._rest_asked:
            self._rest_asked = True
            self._set_deadline(_REST_MS)
            left = self._look()
            send_all(left, self._signal)
            send_all(left, signal.SIGCONT)

    def _set_deadline(self, grace_ms: int) -> None:
        """The time may only become shorter."""
        deadline_ns = time.monotonic_ns() + grace_ms * _MILLISECOND_NS
        self._deadline_ns = min(deadline_ns, self._deadline_ns or deadline_ns)

    def _end_all(self) -> int:
        """Kills until nobody is left; how many could not be killed."""
        give_up_ns = time.monotonic_ns() + _LONGEST_END_MS * _MILLISECOND_NS
        if not self._adopts:
            self._send_to_group(signal.SIGKILL)
        while True:
            if self._made.path is not None:
                cgroups.kill(self._made.path)
            left = self._look()
            send_all(left, signal.SIGKILL)
            self._reap()
            if self._program is None and self._nothing_left():
                return 0
            if time.monotonic_ns() > give_up_ns:
                return len(left)
            self._wait(_ROUND_MS)

    def _wait(self, timeout_ms: int | None) -> None:
        """Until a child ends, the supervisor asks, or the time is up."""
        poller = select.poll()
        poller.register(self._waking[0], select.POLLIN)
        if self._channel is not None:
            poller.register(self._channel, select.POLLIN)
        elif self._ends.terminal is not None:
            poller.register(self._ends.terminal.ours, select.POLLIN)
        if not self._adopts:
            timeout_ms = _LOOK_MS if timeout_ms is None else min(timeout_ms, _LOOK_MS)
            self._look()
        ready = {descriptor for descriptor, _ in poller.poll(timeout_ms)}
        if self._waking[0] in ready and signal.SIGTERM in os.read(self._waking[0], 4096):
            self._orphaned()
        if self._channel is not None and self._channel.fileno() in ready:
            self._hear(self._channel)
        if self._ends.terminal is not None and self._ends.terminal.ours in ready:
            self._drain(self._ends.terminal.ours)

    def _hear(self, channel: socket.socket) -> None:
        try:
            data = channel.recv(4096)
            for line in self._lines.feed(data):
                self._ask(parse_stop(line))
        except (OSError, BrokenMessage):
            data = b""
        if not data:
            channel.close()
            self._channel = None
            self._orphaned()

    def _orphaned(self) -> None:
        """The supervisor is no more, or somebody asked the shim itself to end."""
        self._ask(Stop(self._ends.stop_signal, self._program_facts.orphan_ms))

    def _drain(self, terminal: int) -> None:
        """Nobody reads any more: a program that waits for that would never end."""
        if terminals.read(terminal) is None:
            os.close(terminal)
            self._ends = self._ends._replace(terminal=None)

    def _tell(self, report: Report) -> None:
        if self._channel is not None:
            with suppress(OSError):
                self._channel.sendall(encode_report(report))


def _own_signals() -> tuple[int, int]:
    """Ignores what is meant for others; a pipe that tells of ended children and of SIGTERM."""
    signal.set_wakeup_fd(-1)
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _noted)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return reading, writing


_IGNORED = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGPIPE,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def _noted(_number: int, _frame: object) -> None:
    """The pipe has it already."""


def _exited(status: int) -> Exited:
    if os.WIFSIGNALED(status):
        return Exited(None, os.WTERMSIG(status), os.WCOREDUMP(status))
    return Exited(os.WEXITSTATUS(status))
