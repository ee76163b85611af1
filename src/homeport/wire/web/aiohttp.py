"""aiohttp."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="aiohttp",
    source="https://docs.aiohttp.org/en/stable/web.html",
    headers={"server": re.compile(r"^Python/[\w.]+ aiohttp/(?P<version>[\w.]+)")},
    command=re.compile(r" -m aiohttp\.web(?: |$)"),
)
