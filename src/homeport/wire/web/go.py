"""Go's net/http, whose refusal has these bytes and no name, whoever is made with it."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Go net/http",
    source="https://pkg.go.dev/net/http",
    answer=re.compile(
        rb"^HTTP/1\.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
        rb"Connection: close\r\n\r\n400 Bad Request"
    ),
    layer=Layer.RUNTIME,
)
