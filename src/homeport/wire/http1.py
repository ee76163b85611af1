"""HTTP/1.x responses (RFC 9112): bytes in, status, headers and body out. By h11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import h11


_SWITCHING = 101


class Response(NamedTuple):
    """A response, as far as it has come.

    `headers` have lower-case names; of several with one name the last counts. `complete`: the body
    is whole. `broken` says in what way the bytes, from there on, are no HTTP.
    """

    version: str
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    complete: bool
    broken: str | None = None

    @property
    def line(self) -> str:
        """The status line."""
        return f"HTTP/{self.version} {self.status} {self.reason}".rstrip()


def looks_like_http(data: bytes) -> bool:
    """Whether the bytes may be the beginning of a response."""
    return data[:5] == b"HTTP/"


def read_response(data: bytes, *, ended: bool = False, method: str = "GET") -> Response | None:
    """The response that the bytes begin with; None while its head is not there, or is none.

    `ended` says that no more will come: then a body that is bounded by nothing else is complete.
    """
    import h11

    if not looks_like_http(data):
        return None
    reader = h11.Connection(h11.CLIENT)
    # h11 takes the answer 101 only where the request has asked for it.
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "x")] if data[8:12] == b" 101" else []
    reader.send(h11.Request(method=method, target="/", headers=[("Host", "x"), *upgrade]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(data)
    head = None
    pieces: list[bytes] = []
    try:
        if ended:
            reader.receive_data(b"")
        while True:
            event = reader.next_event()
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                pieces.append(bytes(event.data))
            elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                return _response(event, pieces, complete=True)
            elif not isinstance(event, h11.InformationalResponse):
                whole = isinstance(event, h11.EndOfMessage)
                return None if head is None else _response(head, pieces, complete=whole)
    except h11.RemoteProtocolError as error:
        return None if head is None else _response(head, pieces, complete=False, broken=str(error))


def _response(
    head: h11.Response | h11.InformationalResponse,
    pieces: list[bytes],
    *,
    complete: bool,
    broken: str | None = None,
) -> Response:
    return Response(
        version=head.http_version.decode("latin-1"),
        status=head.status_code,
        reason=head.reason.decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers},
        body=b"".join(pieces),
        complete=complete,
        broken=broken,
    )
