"""All that is known of one endpoint, port or process: what `explain` answers with.

Only facts and the sentences that were concluded from them; how they are set out is for `report`.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.address import Scope
    from homeport.model.event import Tenancy
    from homeport.model.home import Held
    from homeport.model.port import PortClass, PortRange
    from homeport.model.process import Process
    from homeport.model.sockets import Connection, Listener
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.model.target import Target


class Symptom(StrEnum):
    """What a pasted text complains of."""

    REFUSED = "connection refused"
    IN_USE = "address already in use"
    NOT_PERMITTED = "permission denied"
    NO_SUCH_ADDRESS = "cannot assign requested address"
    TIMED_OUT = "connection timed out"
    RESET = "connection reset"
    CLOSED = "connection closed"
    UNREACHABLE = "no route"
    DEBUGGER_GONE = "debugger disconnected"
    UNKNOWN_NAME = "name not resolved"


class Mention(NamedTuple):
    """An endpoint or a symptom found in a text.

    `text` is the line in which it stood, cut and with secrets masked. `target` is None where the
    text complains but names no endpoint.
    """

    target: Target | None
    text: str
    symptom: Symptom | None = None


class SubjectKind(StrEnum):
    """What X in `explain X` turned out to be."""

    ENDPOINT = "endpoint"
    PORT = "port"
    SERVICE = "service name"
    PROCESS_NAME = "process name"
    PROJECT = "project name"
    PID = "pid"
    SYMPTOM = "symptom"


class Subject(NamedTuple):
    """What is explained. `asked` is what was typed; secrets in it are masked."""

    kind: SubjectKind
    asked: str
    target: Target | None = None
    symptom: Symptom | None = None
    pid: int | None = None


class OwnAddress(NamedTuple):
    """An address that an interface of this machine (in the caller's namespace) has."""

    address: str
    interface: str
    prefix_length: int | None = None


class AddressFacts(NamedTuple):
    """What an address is.

    `block` and `source` name the special-purpose block and its RFC, None for ordinary unicast.
    `interface` has the address here, None where none does. `reach` says who can get at a
    listener that is bound to it.
    """

    address: str
    scope: Scope
    block: str | None
    source: str | None
    interface: str | None
    reach: str


class UsualPort(NamedTuple):
    """A product that developers meet on a port, and where that is written."""

    port: int
    transport: Transport
    product: str
    purpose: str
    source: str


class RegisteredService(NamedTuple):
    """An entry of the system's services database, services(5)."""

    name: str
    port: int
    transport: Transport
    aliases: tuple[str, ...] = ()


class PortFacts(NamedTuple):
    """What is known of a port number.

    `registered` is None where the machine has no services database. `assigned_from` is the range
    from which this kernel hands ports out and `assigned` whether it may hand out this one; they,
    `reserved` and `privileged` (binding takes a privilege) are None where the kernel does not
    tell. `may_bind` is whether this user may bind it as far as privilege goes.
    """

    port: int
    port_class: PortClass
    registered: tuple[RegisteredService, ...] | None
    usual: tuple[UsualPort, ...]
    assigned_from: PortRange | None
    assigned: bool | None
    reserved: bool | None
    privileged: bool | None
    may_bind: bool | None
    browsers_refuse: bool


class Relation(StrEnum):
    """How a listener stands to the endpoint that was asked about."""

    HERE = "on this address"
    WILDCARD = "on the wildcard"
    OTHER_FAMILY = "on the other family"
    OTHER_ADDRESS = "on another address"
    OTHER_TRANSPORT = "on another transport"
    OTHER_NAMESPACE = "in another network namespace"


class FoundListener(NamedTuple):
    """A listener of the port, and how it stands to what was asked."""

    relation: Relation
    listener: Listener
    namespace: str | None = None

    @property
    def serves(self) -> bool:
        """Whether it gets what is sent to the address that was asked about."""
        return self.relation in (Relation.HERE, Relation.WILDCARD)


class Client(NamedTuple):
    """A connection of the port, seen from the serving end, and who is at the far end.

    `processes` are None where the far end is not on this machine or its owner is hidden.
    """

    connection: Connection
    processes: tuple[Process, ...] | None


class Lingering(NamedTuple):
    """A connection in TIME-WAIT; `until_ns` (since the epoch) is when the kernel forgets it."""

    connection: Connection
    until_ns: int | None


class BindVerdict(StrEnum):
    """What bind(2) would say."""

    FREE = "free"
    TAKEN = "taken"
    DEPENDS = "depends"
    NOT_PERMITTED = "not permitted"
    NOT_HERE = "no such address"


class BindAnswer(NamedTuple):
    """Whether one address is free for binding, plain, with SO_REUSEADDR, and with SO_REUSEPORT.

    `why` explains the first of the three that is not free (None where all are), `unless` what the
    answer hangs on where a verdict is `depends`.
    """

    address: str
    plain: BindVerdict
    reuse_address: BindVerdict
    reuse_port: BindVerdict
    why: str | None = None
    unless: str | None = None


class NextStep(NamedTuple):
    """A command to type next, and what for."""

    command: str
    purpose: str


class OtherMention(NamedTuple):
    """Another endpoint of a pasted text, with its verdict in one sentence."""

    target: Target
    verdict: str


class Explanation(NamedTuple):
    """The answer to `explain X`.

    `verdict` is the answer in one or two sentences. `candidates` are listeners that may be meant
    where the text named no endpoint, or those of the pid that was asked about. `history` is
    newest first, None where none was ever recorded. `limits` say what could not be seen. `held` is
    the lease of Homeport's that this user has of the port; `routes` are, where the port is that of
    Homeport's gateway, the services that it knows.
    """

    subject: Subject
    verdict: str
    taken_ns: int
    addresses: tuple[AddressFacts, ...] = ()
    port: PortFacts | None = None
    listeners: tuple[FoundListener, ...] = ()
    candidates: tuple[Listener, ...] = ()
    process: Process | None = None
    clients: tuple[Client, ...] = ()
    outgoing: tuple[Client, ...] = ()
    lingering: tuple[Lingering, ...] = ()
    binding: tuple[BindAnswer, ...] = ()
    history: tuple[Tenancy, ...] | None = None
    others: tuple[OtherMention, ...] = ()
    notes: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    limits: tuple[str, ...] = ()
    held: Held | None = None
    routes: tuple[tuple[ProjectStatus, ServiceStatus], ...] = ()

    @property
    def endpoint(self) -> Endpoint | None:
        """The one endpoint that is meant, None for a bare port and for anything else."""
        target = self.subject.target
        if target is None or target.address is None or target.port is None:
            return None
        transport = target.transport or Transport.TCP
        return Endpoint(transport, target.address, target.port, target.interface)
