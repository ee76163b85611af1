"""How services are run: what whoever brings them up decides for all of them."""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.model.running import Stdio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeport.model.lease import LeaseKey
    from homeport.run.leases import Lease


class Manner(NamedTuple):
    """How services are run.

    `environ` is what they inherit. `services` are those that are started, none means all but those
    on demand. `ends_by_itself`: also once none runs any more. With inherited `stdio` the service
    has our own terminal, hears Ctrl-C there by itself, and its exit status is ours. `acquire`
    leases a port: the one that is wanted, or any. The end of file of the descriptor `ends_with`
    ends everything. `part` tells instances of one directory apart, as in `claim`. `check` is the
    command that is asked about a service which is not well, and answers with `homeport/check@1`.
    """

    environ: Mapping[str, str]
    acquire: Callable[[LeaseKey, int | None], Lease]
    services: tuple[str, ...] = ()
    ends_by_itself: bool = True
    stdio: Stdio = Stdio.TERMINAL
    ends_with: int | None = None
    part: str = ""
    check: tuple[str, ...] = ()
