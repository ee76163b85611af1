"""`check`: one service, from the client's environment to the application's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.client import client
from homeport.see.diagnose.catalog import rules
from homeport.see.diagnose.conclude import conclude
from homeport.see.diagnose.gather import gather, gather_binding
from homeport.wire.service_url import parse_service

if TYPE_CHECKING:
    from homeport.model.diagnosis import Diagnosis


def check(text: str, *, as_pid: int | None = None, binding: bool = False) -> Diagnosis:
    """Why the service does not answer, or that it does; `as_pid` is whose eyes to look through.

    With `binding`: why nobody can listen there. Raises `BadInput` for what names no service,
    `NotFound` and `NotPermitted` for `as_pid`.
    """
    service = parse_service(text)
    look = gather_binding if binding else gather
    return conclude(look(service, client(as_pid)), rules())
