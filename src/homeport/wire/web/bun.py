"""Bun, by its command: node answers nonsense with the very same bytes."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Bun",
    source="https://bun.sh/docs/api/http",
    command=re.compile(r"^(?:\S*/)?bun(?: |$)"),
    layer=Layer.RUNTIME,
)
