"""Socket units of systemd (systemd.socket(5)): what they listen on, and what they start."""

from __future__ import annotations

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class SocketUnit(NamedTuple):
    """A `.socket` unit: the values of its Listen… lines, and the unit that a connection starts.

    `service` is a template (`name@.service`) where each connection gets an instance of its own.
    """

    name: str
    service: str
    streams: tuple[str, ...] = ()
    datagrams: tuple[str, ...] = ()

    def listens_on(self, endpoint: Endpoint) -> bool:
        """Whether one of its lines means this TCP or UDP endpoint."""
        lines = self.datagrams if endpoint.transport is Transport.UDP else self.streams
        return any(_means(line, endpoint) for line in lines)


def parse_socket_unit(name: str, texts: Iterable[str]) -> SocketUnit:
    """Reads a unit's file and its drop-ins, in the order in which they apply.

    An empty value takes back what the lines before it said.
    """
    listens: dict[str, list[str]] = {"ListenStream": [], "ListenDatagram": []}
    last: dict[str, str] = {}
    for key, value in _assignments(texts):
        if key not in listens:
            last[key] = value
        elif value:
            listens[key].append(value)
        else:
            listens[key].clear()
    return SocketUnit(
        name,
        _service(name, last),
        tuple(listens["ListenStream"]),
        tuple(listens["ListenDatagram"]),
    )


def _assignments(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in texts:
        section = ""
        for line in text.splitlines():
            words = line.strip()
            if words.startswith("["):
                section = words
            elif section == "[Socket]" and "=" in words and words[0] not in "#;":
                key, _, value = words.partition("=")
                yield key.strip(), value.strip()


def _service(name: str, settings: dict[str, str]) -> str:
    stem = name.removesuffix(".socket")
    if settings.get("Accept", "").lower() in ("yes", "true", "on", "1", "y", "t"):
        return f"{stem}@.service"
    return settings.get("Service") or f"{stem}.service"


def _means(line: str, endpoint: Endpoint) -> bool:
    address, colon, port = line.rpartition(":")
    if port != str(endpoint.port):
        return False
    if not colon:
        # A port alone is the IPv6 wildcard, which takes IPv4 as well where there is IPv6 at all.
        return endpoint.address in ("::", "0.0.0.0")
    return address.strip("[]") == endpoint.address
