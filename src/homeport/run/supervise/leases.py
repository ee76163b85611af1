"""The leases of a project's services, which change together or not at all."""

from __future__ import annotations

from homeport.model.lease import LeaseKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeport.model.service import Service
    from homeport.run.leases import Lease


class Leases:
    """One for each service. `root` and `part` are those of the instance: a port is found again."""

    def __init__(
        self, acquire: Callable[[LeaseKey, int | None], Lease], root: str, part: str
    ) -> None:
        self._acquire = acquire
        self._root = root
        self._part = part
        self._leases: dict[str, Lease] = {}

    def get(self, name: str) -> Lease | None:
        """The lease of a service."""
        return self._leases.get(name)

    def prepare(self, services: Iterable[Service]) -> Change:
        """Leases what these services need and is not leased; raises what that does.

        A service keeps the port that it has, unless it wants another one. Nothing is given back
        before the change is carried out: services may run there.
        """
        wanted: dict[str, Lease] = {}
        change = Change(self._leases, wanted)
        others = []
        for service in services:
            known = self._leases.get(service.name)
            if known is not None and service.port in {None, known.port}:
                wanted[service.name] = known
            else:
                others.append(service)
        try:
            for service in others:
                wanted[service.name] = change.given_up(service.port) or self._new(service)
        except BaseException:
            change.give_up()
            raise
        return change

    def _new(self, service: Service) -> Lease:
        key = LeaseKey(self._root, f"{self._part} {service.name}".strip())
        return self._acquire(key, service.port)

    def close(self) -> None:
        """Gives all of them back."""
        for lease in self._leases.values():
            lease.release()


class Change:
    """From the leases that there are (`held`) to those that are `wanted`."""

    def __init__(self, held: dict[str, Lease], wanted: dict[str, Lease]) -> None:
        self._held = held
        self._wanted = wanted

    @property
    def ports(self) -> dict[str, int]:
        """The port of each service."""
        return {name: lease.port for name, lease in self._wanted.items()}

    def given_up(self, port: int | None) -> Lease | None:
        """The lease of a wanted port that another service of the project has had until now."""
        kept = self._wanted.values()
        free = (lease for lease in self._held.values() if lease not in kept)
        return next((lease for lease in free if lease.port == port), None)

    def carry_out(self) -> None:
        """It holds from now on; what is not wanted any more is given back."""
        self._release(self._held, self._wanted)
        self._held.clear()
        self._held.update(self._wanted)

    def give_up(self) -> None:
        """All stays as it was."""
        self._release(self._wanted, self._held)

    @staticmethod
    def _release(leases: dict[str, Lease], but: dict[str, Lease]) -> None:
        kept = list(but.values())
        for lease in leases.values():
            if lease not in kept:
                lease.release()
