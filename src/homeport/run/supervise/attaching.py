"""The terminal of a running service, through its supervisor: what is typed, and what it shows."""

from __future__ import annotations

import base64
from typing import Self

from homeport.model.errors import HomeportError
from homeport.run.supervise.client import ANSWER_MS
from homeport.wire.supervision import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.supervise.client import Client


class Attached:
    """A service's terminal. `ended` says why it is over, None while it is not.

    Raises `HomeportError` where the service does not run, or somebody else is attached.
    """

    def __init__(self, client: Client, service: str, rows: int, columns: int) -> None:
        self._client = client
        self._service = service
        self.ended: str | None = None
        try:
            client.answer(Request("attach", (service,), rows=rows, columns=columns), "attached")
        except HomeportError:
            client.channel.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.channel.close()

    def fileno(self) -> int:
        """Readable when there is something to `read`."""
        return self._client.channel.fileno()

    def read(self) -> bytes:
        """What the service has shown, perhaps nothing; never waits."""
        if not self._client.hear():
            self.ended = "its supervisor has ended the conversation"
            return b""
        shown = []
        for message in self._client.heard():
            output = message.get("output")
            if isinstance(output, str):
                shown.append(base64.b64decode(output))
            if "detached" in message:
                self.ended = str(message["detached"])
        return b"".join(shown)

    def type(self, data: bytes) -> None:
        """Types into it; the supervisor keeps what the program does not read yet."""
        channel = self._client.channel
        channel.send({"input": base64.b64encode(data).decode("ascii")})
        channel.drain(ANSWER_MS)

    def resize(self, rows: int, columns: int) -> None:
        """The window has another size now."""
        self._client.send(Request("resize", (self._service,), rows=rows, columns=columns))
