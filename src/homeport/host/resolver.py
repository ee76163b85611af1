"""Names to addresses, as the C library does it for every program; and the files behind that."""

from __future__ import annotations

import socket
from threading import Thread

from homeport.model.record import NamedTuple
from homeport.wire.name_service import parse_hosts, parse_hosts_order

TIMEOUT_S = 2.0


class Resolution(NamedTuple):
    """What a name stands for.

    `addresses` are in the order in which a client tries them; `error` and `code` (EAI_NONAME, …)
    say why there are none. `in_hosts` are those that the file of hosts gives the name, `sources`
    where the C library looks (nsswitch.conf).
    """

    name: str
    addresses: tuple[str, ...] = ()
    error: str | None = None
    code: int | None = None
    in_hosts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def resolve(name: str, port: int, *, root: str = "/") -> Resolution:
    """Asks getaddrinfo(3), two seconds at most; `root` is where the files of the client lie."""
    hosts = parse_hosts(_read(f"{root}etc/hosts"))
    known = Resolution(
        name,
        in_hosts=hosts.get(name.lower(), ()),
        sources=parse_hosts_order(_read(f"{root}etc/nsswitch.conf")),
    )
    outcome: list[Resolution] = []

    def ask() -> None:
        outcome.append(_asked(name, port, known))

    # getaddrinfo() cannot be cancelled; the thread is left behind and ends when its servers do.
    thread = Thread(target=ask, name="homeport getaddrinfo", daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    if outcome:
        return outcome[0]
    return known._replace(error=f"no answer within {TIMEOUT_S:g} s", code=socket.EAI_AGAIN)


def _asked(name: str, port: int, known: Resolution) -> Resolution:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return known._replace(error=error.strerror or str(error), code=error.errno)
    except (OSError, UnicodeError) as error:
        return known._replace(error=str(error))
    return known._replace(addresses=tuple(dict.fromkeys(_text(entry[4]) for entry in found)))


def _text(address: tuple[object, ...]) -> str:
    host = str(address[0])
    scope = address[3] if len(address) > 3 else 0
    if not isinstance(scope, int) or not scope or "%" in host:
        return host
    return f"{host}%{socket.if_indextoname(scope)}"


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""
