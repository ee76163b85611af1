"""gunicorn: a refusal names no server, yet its page is its own; children rename themselves."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="gunicorn",
    source="https://docs.gunicorn.org/en/stable/",
    headers={"server": re.compile(r"^gunicorn(?:/(?P<version>[\w.]+))?")},
    answer=re.compile(
        rb"\r\n\r\n<html>\n  <head>\n    <title>Bad Request</title>\n  </head>\n"
        rb"  <body>\n    <h1><p>"
    ),
    command=re.compile(r"(?:^gunicorn: (?:master|worker) \[|(?:^|/| -m )gunicorn(?: |$))"),
)
