"""`check`: one service, from the client's environment to the application's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.client import client
from homeport.model.errors import BadInput
from homeport.see.diagnose.case import NO_HOME
from homeport.see.diagnose.catalog import rules
from homeport.see.diagnose.conclude import conclude
from homeport.see.diagnose.gather import gather, gather_binding
from homeport.wire.service_url import parse_service

if TYPE_CHECKING:
    from homeport.model.diagnosis import Diagnosis
    from homeport.model.home import Home
    from homeport.see.diagnose.named import UrlOf
    from homeport.wire.service_url import Service


def check(
    text: str,
    *,
    as_pid: int | None = None,
    binding: bool = False,
    home: Home = NO_HOME,
    url_of: UrlOf | None = None,
) -> Diagnosis:
    """Why the service does not answer, or that it does; `as_pid` is whose eyes to look through.

    With `binding`: why nobody can listen there. `home` is what Homeport itself has here, `url_of`
    tells under which URL, with a password where it has one, a service of it is reached. Raises
    `BadInput` for what means no service, `NotFound` and `NotPermitted` for `as_pid`.
    """
    service = _service(text, home, url_of)
    look = gather_binding if binding else gather
    return conclude(look(service, client(as_pid), home), rules())


def _service(text: str, home: Home, url_of: UrlOf | None) -> Service:
    try:
        return parse_service(text)
    except BadInput as error:
        from homeport.see.diagnose.named import service_meant

        return service_meant(text, error, home, url_of)
