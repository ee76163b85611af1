"""Hypercorn."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Hypercorn",
    source="https://hypercorn.readthedocs.io",
    headers={"server": re.compile(r"^hypercorn-h\d")},
    command=re.compile(r"(?:^|/| -m )hypercorn(?: |$)"),
)
