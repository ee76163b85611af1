"""Node.js, by its command: Bun answers nonsense with the very same bytes."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Node.js",
    source="https://nodejs.org/api/http.html",
    command=re.compile(r"^(?:\S*/)?node(?:js)?(?: |$)"),
    layer=Layer.RUNTIME,
)
