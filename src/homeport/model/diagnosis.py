"""Why a local service does not answer, or answers wrongly: layers, and the one cause."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from homeport.model.identity import Sureness


class Layer(StrEnum):
    """What a client meets on its way, in this order."""

    ENVIRONMENT = "client environment"
    NAME = "name"
    ROUTE = "route"
    LISTENER = "listener"
    OWNER = "owner"
    FIREWALL = "firewall"
    TCP = "tcp"
    TLS = "tls"
    PROTOCOL = "protocol"
    APPLICATION = "application"


class Standing(StrEnum):
    """How a layer came out. UNKNOWN: it could not be looked at; NOT_REACHED: an earlier failed."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_REACHED = "not reached"


class LayerReport(NamedTuple):
    """One layer: how it came out, in a sentence, and the facts that were gathered there."""

    layer: Layer
    standing: Standing
    told: str
    facts: tuple[str, ...] = ()


class Cause(NamedTuple):
    """What is wrong.

    `id` is the rule's, such as `L1`; `fix` is a command, or a line of configuration with where it
    belongs. `evidence` are sentences from both sides: what the client met, what the kernel knows.
    """

    id: str
    title: str
    layer: Layer
    certainty: Sureness
    evidence: tuple[str, ...]
    fix: str


class Diagnosis(NamedTuple):
    """The answer to `check`.

    `target` is what was checked, secrets masked. `cause` is None where all is well, and where
    the evidence does not decide: then `undecided` are the causes that remain, each with how to tell
    it from the others in its `fix`. `notes` are worth knowing where all is well, `limits` say what
    could not be looked at.
    """

    target: str
    cause: Cause | None
    undecided: tuple[Cause, ...]
    layers: tuple[LayerReport, ...]
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return self.cause is None and not self.undecided
