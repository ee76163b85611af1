"""Vite, by its command."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Vite",
    source="https://vite.dev/guide/cli",
    command=re.compile(r"(?:^|/)vite(?:/bin/vite\.js)?(?: |$)"),
    layer=Layer.FRAMEWORK,
)
