"""Python's http.server, whose version is that of Python."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Python http.server",
    source="https://docs.python.org/3/library/http.server.html",
    headers={"server": re.compile(r"^(?:Simple|Base)HTTP/[\d.]+ Python/(?P<version>[\w.+]+)")},
    command=re.compile(r" -m http\.server(?: |$)"),
)
