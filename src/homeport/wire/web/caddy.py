"""Caddy: what refuses nonsense there is Go's net/http, so the command tells."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Caddy",
    source="https://caddyserver.com/docs/command-line",
    headers={"server": re.compile(r"^Caddy$")},
    command=re.compile(r"(?:^|/)caddy (?:run|start|file-server|respond|reverse-proxy)(?: |$)"),
)
