"""What references to a service name, asked of the supervisor that runs it."""

from __future__ import annotations

import os

from homeport.host import control
from homeport.host.files import names_in, runtime_dir
from homeport.model.errors import BrokenMessage, NotFound
from homeport.run.supervise.client import GLANCE_MS, Client
from homeport.wire.supervision import Request


def facts_of(supervisor: int, service: str) -> dict[str, str]:
    """Its URL with the password, its port and the like, from the supervisor of that pid.

    Raises `NotFound` where that has ended, `BadInput` for a service that it does not run.
    """
    up = os.path.join(runtime_dir(), "up")
    for name in names_in(up):
        channel = control.connect(os.path.join(up, name, "control"))
        if channel is None:
            continue
        with Client(channel) as client:
            if channel.pid == supervisor:
                return _texts(client.answer(Request("facts", (service,)), "facts", GLANCE_MS))
    raise NotFound(f"the supervisor {supervisor} has ended")


def _texts(answer: object) -> dict[str, str]:
    if not isinstance(answer, dict):
        raise BrokenMessage("the facts that a supervisor told are no object")
    return {str(key): str(value) for key, value in answer.items()}
