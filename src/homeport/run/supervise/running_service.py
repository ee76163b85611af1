"""A service that runs for another program, such as its tests, as that program sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from homeport.model.errors import NotSupported

if TYPE_CHECKING:
    from types import TracebackType

    from homeport.model.status import ServiceStatus
    from homeport.run.supervise.embedded import Embedded


class RunningService:
    """A service that runs for this program: a context manager, at the end of which it is gone."""

    def __init__(self, name: str, embedded: Embedded) -> None:
        self.name = name
        self._embedded = embedded

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def status(self) -> ServiceStatus:
        """How it is now; raises `HomeportError` once it has ended."""
        with self._embedded.client() as client:
            status = client.status()
        return next(each for each in status.services if each.name == self.name)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        port = self.status.port
        if port is None:
            raise NotSupported(f"{self.name} listens nowhere: it is a worker")
        return port

    @property
    def address(self) -> str:
        """The address: 127.0.0.1."""
        return "127.0.0.1"

    @property
    def env(self) -> dict[str, str]:
        """What a program needs to reach it: DATABASE_URL and the like; it holds passwords."""
        return self._embedded.environment()

    @property
    def url(self) -> str:
        """Where it is reached, with user and password where it has some."""
        return self._embedded.facts(self.name)["url"]

    @property
    def public_url(self) -> str:
        """Under which URL a browser reaches it."""
        url = self.status.public_url
        if url is None:
            raise NotSupported(f"{self.name} has no name at the gateway: it speaks no HTTP")
        return url

    def lines(self) -> list[str]:
        """What it has printed last."""
        return [line.text for line in self._embedded.lines() if line.service == self.name]

    def reset(self) -> None:
        """Leaves its data as they were when it was made.

        Raises `NotSupported` for a service that is no database, `HomeportError` where it fails.
        """
        self._embedded.reset(self.name)

    def stop(self) -> None:
        """Ends it, and waits until nothing is left."""
        self._embedded.stop()
