"""The socket units that systemd knows on this machine, from its unit files (systemd.unit(5)).

Reading the files takes about a millisecond; asking `systemctl` takes a process, a bus and 20.
"""

from __future__ import annotations

import os
import stat

from homeport.wire.socket_unit import SocketUnit, parse_socket_unit

SYSTEM_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Where units of the machine lie, the first that has a name wins."""

USER_DIRECTORIES = (
    "~/.config/systemd/user",
    "/etc/systemd/user",
    "/run/systemd/user",
    "~/.local/share/systemd/user",
    "/usr/lib/systemd/user",
)
"""Where units of `systemd --user` lie."""

_MAX_FILE = 64 * 1024


def socket_units(directories: tuple[str, ...] = SYSTEM_DIRECTORIES) -> tuple[SocketUnit, ...]:
    """Every socket unit with a file, with its drop-ins; masked ones and aliases are left out.

    Whether a unit is enabled is not said: what listens shows that.
    """
    places = [os.path.expanduser(directory) for directory in directories]
    files: dict[str, str] = {}
    for place in places:
        for name in _names(place, ".socket"):
            files.setdefault(name, f"{place}/{name}")
    units = []
    for name, path in sorted(files.items()):
        text = _read(path)
        if text is not None:
            units.append(parse_socket_unit(name, [text, *_drop_ins(places, name)]))
    return tuple(units)


def _drop_ins(places: list[str], name: str) -> list[str]:
    """The texts of `name.d/*.conf`, in the order of the files' names wherever they lie."""
    found: dict[str, str] = {}
    for place in places:
        for part in _names(f"{place}/{name}.d", ".conf"):
            found.setdefault(part, f"{place}/{name}.d/{part}")
    return [text for part in sorted(found) if (text := _read(found[part])) is not None]


def _names(directory: str, suffix: str) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if name.endswith(suffix)]
    except OSError:
        return []


def _read(path: str) -> str | None:
    # Aliases and masks are symbolic links: neither is a unit of its own.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, _MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(descriptor)
