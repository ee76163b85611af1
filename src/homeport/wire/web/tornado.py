"""Tornado: its Server header stands on answers of an application only, not on a refusal."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Tornado",
    source="https://www.tornadoweb.org/en/stable/",
    headers={"server": re.compile(r"^TornadoServer/(?P<version>[\w.]+)")},
)
