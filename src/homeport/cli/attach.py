"""`homeport attach`: the terminal of a running service, for debuggers and consoles."""

from __future__ import annotations

import os
import select
import signal
import sys

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import add_directory
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from homeport.run.supervise.attaching import Attached

DESCRIPTION = """\
Connects this terminal to that of a running service: what is typed goes to it,
Ctrl-C too. A program that stops in a debugger (breakpoint() in Python) is
worked with as if it had been started here. Ctrl-] lets go; the service goes on.
"""
EPILOG = """\
examples:
  homeport attach web

exit status: 0 let go, or it has ended, 1 it does not run, 2 wrong usage
"""
_LET_GO = b"\x1d"
_PIECE = 4096


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport attach`."""
    parser = subparsers.add_parser(
        "attach", help="the terminal of a service", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("service", metavar="SERVICE", help="which one")
    add_directory(parser)


def run(arguments: argparse.Namespace) -> int:
    """Passes on what is typed and shown until somebody lets go."""
    if not (sys.stdin and sys.stdin.isatty() and terminal.is_terminal()):
        raise BadInput(
            "attach needs a terminal", next_step=f"homeport logs -f {arguments.service} needs none"
        )
    size = os.get_terminal_size()
    attached = api.attach(
        arguments.service, arguments.directory, rows=size.lines, columns=size.columns
    )
    with attached, terminal.raw(sys.stdin):
        # Not before: until then the terminal keeps 4 KB of a line, and drops the rest.
        terminal.complain(f"homeport: attached to {arguments.service}; Ctrl-] lets go\r")
        _pass_on(attached)
    words = f"{arguments.service}: {attached.ended}" if attached.ended else "let go"
    terminal.complain(f"\nhomeport: {words}")
    return 0


def _pass_on(attached: Attached) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGWINCH, lambda *_: None)
    try:
        _write(attached.read())
        for ready in _ready((sys.stdin.fileno(), attached.fileno(), reading)):
            if ready == reading:
                os.read(reading, _PIECE)
                size = os.get_terminal_size()
                attached.resize(size.lines, size.columns)
            elif ready == attached.fileno():
                _write(attached.read())
                if attached.ended is not None:
                    return
            elif not _typed(attached):
                return
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        os.close(reading)
        os.close(writing)


def _ready(descriptors: tuple[int, ...]) -> Iterator[int]:
    poller = select.poll()
    for descriptor in descriptors:
        poller.register(descriptor, select.POLLIN)
    while True:
        for descriptor, _ in poller.poll():
            yield descriptor


def _typed(attached: Attached) -> bool:
    """Passes on what was typed; whether to go on."""
    data = os.read(sys.stdin.fileno(), _PIECE)
    before, let_go, _ = data.partition(_LET_GO)
    if before:
        attached.type(before)
    return bool(data) and not let_go


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(sys.stdout.fileno(), rest) :]
