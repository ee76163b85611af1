"""uvicorn, whose refusal carries no header that names it but words of its own."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="uvicorn",
    source="https://www.uvicorn.org",
    headers={"server": re.compile(r"^uvicorn$")},
    answer=re.compile(rb"\r\n\r\nInvalid HTTP request received\.$"),
    command=re.compile(r"(?:^|/| -m )uvicorn(?: |$)"),
)
