"""Traefik: what refuses nonsense there is Go's net/http, so the command tells."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Traefik",
    source="https://doc.traefik.io/traefik/",
    command=re.compile(r"(?:^|/)traefik(?: |$)"),
)
