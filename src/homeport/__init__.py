"""Homeport: everything on 127.0.0.1 — see it, run it, test it, secure it.

The public names are loaded when they are first used, so that `import homeport` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.api import check as check
    from homeport.api import explain as explain
    from homeport.api import graph as graph
    from homeport.api import history as history
    from homeport.api import identified as identified
    from homeport.api import identify as identify
    from homeport.api import lease as lease
    from homeport.api import leases as leases
    from homeport.api import snapshot as snapshot
    from homeport.api import start_service as start_service
    from homeport.api import watch as watch
    from homeport.model.address import Scope as Scope
    from homeport.model.diagnosis import Cause as Cause
    from homeport.model.diagnosis import Diagnosis as Diagnosis
    from homeport.model.diagnosis import Layer as Layer
    from homeport.model.diagnosis import LayerReport as LayerReport
    from homeport.model.diagnosis import Standing as Standing
    from homeport.model.endpoint import Endpoint as Endpoint
    from homeport.model.endpoint import Transport as Transport
    from homeport.model.errors import BadInput as BadInput
    from homeport.model.errors import HomeportError as HomeportError
    from homeport.model.errors import NotFound as NotFound
    from homeport.model.errors import NotPermitted as NotPermitted
    from homeport.model.errors import NotSupported as NotSupported
    from homeport.model.event import Event as Event
    from homeport.model.event import EventKind as EventKind
    from homeport.model.event import Tenancy as Tenancy
    from homeport.model.explanation import Explanation as Explanation
    from homeport.model.identity import Certificate as Certificate
    from homeport.model.identity import Identity as Identity
    from homeport.model.identity import Sureness as Sureness
    from homeport.model.identity import Tls as Tls
    from homeport.model.lease import LEASED as LEASED
    from homeport.model.lease import LeaseFacts as LeaseFacts
    from homeport.model.lease import LeaseKey as LeaseKey
    from homeport.model.lease import NoPortLeft as NoPortLeft
    from homeport.model.lease import PortTaken as PortTaken
    from homeport.model.port import PortRange as PortRange
    from homeport.model.process import Certainty as Certainty
    from homeport.model.process import Container as Container
    from homeport.model.process import Process as Process
    from homeport.model.process import Project as Project
    from homeport.model.snapshot import Edge as Edge
    from homeport.model.snapshot import Snapshot as Snapshot
    from homeport.model.sockets import Connection as Connection
    from homeport.model.sockets import Listener as Listener
    from homeport.model.sockets import TcpState as TcpState
    from homeport.model.sockets import UnixListener as UnixListener
    from homeport.model.target import Target as Target
    from homeport.model.target import parse_target as parse_target
    from homeport.model.version import __version__ as __version__
    from homeport.run.leases import Lease as Lease
    from homeport.run.supervise.running_service import RunningService as RunningService

_HOMES = {
    "BadInput": "model.errors",
    "Cause": "model.diagnosis",
    "Certainty": "model.process",
    "Certificate": "model.identity",
    "Connection": "model.sockets",
    "Container": "model.process",
    "Diagnosis": "model.diagnosis",
    "Edge": "model.snapshot",
    "Endpoint": "model.endpoint",
    "Event": "model.event",
    "EventKind": "model.event",
    "Explanation": "model.explanation",
    "HomeportError": "model.errors",
    "Identity": "model.identity",
    "LEASED": "model.lease",
    "Layer": "model.diagnosis",
    "LayerReport": "model.diagnosis",
    "Lease": "run.leases",
    "LeaseFacts": "model.lease",
    "LeaseKey": "model.lease",
    "Listener": "model.sockets",
    "NoPortLeft": "model.lease",
    "NotFound": "model.errors",
    "NotPermitted": "model.errors",
    "NotSupported": "model.errors",
    "PortRange": "model.port",
    "PortTaken": "model.lease",
    "Process": "model.process",
    "Project": "model.process",
    "RunningService": "run.supervise.running_service",
    "Scope": "model.address",
    "Snapshot": "model.snapshot",
    "Standing": "model.diagnosis",
    "Sureness": "model.identity",
    "Target": "model.target",
    "TcpState": "model.sockets",
    "Tenancy": "model.event",
    "Tls": "model.identity",
    "Transport": "model.endpoint",
    "UnixListener": "model.sockets",
    "__version__": "model.version",
    "check": "api",
    "explain": "api",
    "graph": "api",
    "history": "api",
    "identified": "api",
    "identify": "api",
    "lease": "api",
    "leases": "api",
    "parse_target": "model.target",
    "snapshot": "api",
    "start_service": "api",
    "watch": "api",
}

__all__ = [
    "LEASED",
    "BadInput",
    "Cause",
    "Certainty",
    "Certificate",
    "Connection",
    "Container",
    "Diagnosis",
    "Edge",
    "Endpoint",
    "Event",
    "EventKind",
    "Explanation",
    "HomeportError",
    "Identity",
    "Layer",
    "LayerReport",
    "Lease",
    "LeaseFacts",
    "LeaseKey",
    "Listener",
    "NoPortLeft",
    "NotFound",
    "NotPermitted",
    "NotSupported",
    "PortRange",
    "PortTaken",
    "Process",
    "Project",
    "RunningService",
    "Scope",
    "Snapshot",
    "Standing",
    "Sureness",
    "Target",
    "TcpState",
    "Tenancy",
    "Tls",
    "Transport",
    "UnixListener",
    "__version__",
    "check",
    "explain",
    "graph",
    "history",
    "identified",
    "identify",
    "lease",
    "leases",
    "parse_target",
    "snapshot",
    "start_service",
    "watch",
]


def __getattr__(name: str) -> object:
    """Loads a public name from its home (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'homeport' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"homeport.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All public names, loaded or not."""
    return __all__
