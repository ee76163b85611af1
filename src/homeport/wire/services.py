"""The services database, services(5): bytes of /etc/services -> names.

Lines that are broken are passed over, as getservbyport(3) does; nothing is opened here.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.port import MAX_PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Not at run time: `ls` needs only names_for, and the nouns of explain cost it 2 ms.
    from collections.abc import Collection, Iterator

    from homeport.model.explanation import RegisteredService

_FEW = 40  # a search is 6 µs, and reading all lines of Debian's 0.23 ms
_TRANSPORTS = {b"tcp": Transport.TCP, b"udp": Transport.UDP}


def parse_services(data: bytes) -> Iterator[RegisteredService]:
    """Every TCP and UDP entry, in the order of the file."""
    from homeport.model.explanation import RegisteredService

    for line in data.splitlines():
        words = line.partition(b"#")[0].split()
        key = _key(words)
        if key is not None:
            name, *aliases = (word.decode("utf-8", "replace") for word in (words[0], *words[2:]))
            yield RegisteredService(name, *key, tuple(aliases))


def _key(words: list[bytes]) -> tuple[int, Transport] | None:
    if len(words) < 2:
        return None
    number, _, protocol = words[1].partition(b"/")
    transport = _TRANSPORTS.get(protocol)
    if transport is None or not number.isdigit() or len(number) > 5 or int(number) > MAX_PORT:
        return None
    return int(number), transport


def names_for(data: bytes, ports: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """The names of (port, transport) pairs; pairs without a name are left out.

    Searches the bytes for each pair, unless there are many: then every line is read.
    """
    if len(ports) > _FEW:
        return _read_for(data, ports)
    found = ((pair, _name_for(data, *pair)) for pair in ports)
    return {pair: name for pair, name in found if name is not None}


def _read_for(data: bytes, ports: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    names: dict[tuple[int, str], str] = {}
    for line in data.splitlines():
        words = line.partition(b"#")[0].split()
        key = _key(words)
        # The first line of a port is the one that counts.
        if key is not None and key in ports and key not in names:
            names[key] = words[0].decode("utf-8", "replace")
    return names


def _name_for(data: bytes, port: int, transport: str) -> str | None:
    needle = b"%d/%s" % (port, transport.encode())
    at = data.find(needle)
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        words = data[start : end if end >= 0 else len(data)].partition(b"#")[0].split()
        if _key(words) == (port, transport):
            return words[0].decode("utf-8", "replace")
        at = data.find(needle, at + 1)
    return None
