"""The port of one service from run to run: held, let go for a start, or handed over as a socket."""

from __future__ import annotations

from homeport.model.service import Hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from homeport.run.leases import Lease


class ServicePort:
    """What has to be done with a lease so that a service can have its port; None is no port."""

    def __init__(self, lease: Lease | None) -> None:
        self._lease = lease
        self._listening: socket.socket | None = None

    @property
    def lock_fds(self) -> tuple[int, ...]:
        """What keeps others off the port for as long as anybody has it."""
        return () if self._lease is None else self._lease.lock_fds

    def prepare(self, hold: Hold) -> socket.socket | None:
        """Just before the program starts; the socket that it inherits, if that is its way.

        The same one for each start: who connects in between waits, and is not refused. Raises
        `PortTaken`.
        """
        if self._lease is None:
            return None
        if hold is Hold.HANDED:
            if self._listening is None:
                self._listening = self._lease.listen()
            return self._listening
        self._stop_listening()
        if hold is Hold.LET_GO:
            self._lease.let_go()
        else:
            self._lease.hold()
        return None

    def between(self) -> None:
        """The program has ended and will be started again: nobody else is to have its port."""
        if self._lease is not None:
            self._lease.hold()

    def rest(self) -> None:
        """Nothing will run: the port is held as before, and refuses whoever connects."""
        self._stop_listening()
        self.between()

    def become(self, lease: Lease | None) -> None:
        """Another lease from now on."""
        if lease is not self._lease:
            self._stop_listening()
            self._lease = lease

    def close(self) -> None:
        """Nobody hears there any more; the lease belongs to whoever made it."""
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
