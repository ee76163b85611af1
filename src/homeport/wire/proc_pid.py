"""What the files of /proc/PID say (proc_pid_stat(5) and its neighbours), as values.

Names and arguments are kept as the kernel has them: bytes that are no UTF-8 become lone surrogates
(PEP 383), and control characters stay. Whoever shows them to a person escapes them.
"""

from __future__ import annotations

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

DELETED = " (deleted)"


class Stat(NamedTuple):
    """The parts of /proc/PID/stat that are needed here.

    `start_ticks` are clock ticks (sysconf SC_CLK_TCK to a second) since boot.
    """

    name: str
    state: str
    parent: int
    start_ticks: int


def parse_stat(data: bytes) -> Stat:
    """Reads /proc/PID/stat; raises `BrokenMessage`.

    The name may hold spaces, parentheses and newlines: the last `)` ends it, since only numbers
    and the state's letter follow.
    """
    opening, closing = data.find(b"("), data.rfind(b")")
    fields = data[closing + 2 :].split(b" ", 20)
    try:
        return Stat(
            name=data[opening + 1 : closing].decode("utf-8", "surrogateescape"),
            state=fields[0].decode("ascii"),
            parent=int(fields[1]),
            start_ticks=int(fields[19]),
        )
    except (IndexError, ValueError):
        raise BrokenMessage(
            "/proc/PID/stat is not of the form that proc_pid_stat(5) describes",
            why=f"it begins with {data[:40]!r}",
        ) from None


def parse_cmdline(data: bytes) -> tuple[str, ...]:
    """The arguments in /proc/PID/cmdline: empty for a kernel thread and for a zombie.

    A program that has written a title over its arguments leaves one text without NUL bytes, or
    one that is filled up with them: either way that text is the only argument.
    """
    if not data:
        return ()
    text = data.decode("utf-8", "surrogateescape")
    arguments = text.removesuffix("\0").split("\0")
    if len(arguments) > 1 and _is_title(arguments):
        return (arguments[0],)
    return tuple(arguments)


def _is_title(arguments: list[str]) -> bool:
    # `command ""` is a command with one empty argument; more of them, or blanks in the first
    # word, are what setproctitle() and its like leave behind.
    return not any(arguments[1:]) and (len(arguments) > 2 or " " in arguments[0])


class Activation(NamedTuple):
    """What the service manager has passed on: sd_listen_fds(3).

    `passed` is how many sockets, `names` are those of LISTEN_FDNAMES (the socket unit's, where the
    unit says nothing else), and `pid` is the process that they are meant for.
    """

    pid: int
    passed: int
    names: tuple[str, ...] = ()


def parse_activation(environ: bytes) -> Activation | None:
    """The passed sockets that /proc/PID/environ tells of; None where it tells of none."""
    found = {}
    for entry in environ.split(b"\0"):
        if entry.startswith(b"LISTEN_"):
            key, _, value = entry.decode("utf-8", "surrogateescape").partition("=")
            found[key] = value
    try:
        pid, passed = int(found["LISTEN_PID"]), int(found["LISTEN_FDS"])
    except (KeyError, ValueError):
        return None
    names = found.get("LISTEN_FDNAMES", "")
    return Activation(pid, passed, tuple(names.split(":")) if names else ())


def is_deleted(path: str) -> bool:
    """Whether the target of /proc/PID/exe or /proc/PID/cwd is one that has been unlinked."""
    return path.endswith(DELETED)
