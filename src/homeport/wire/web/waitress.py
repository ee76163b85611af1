"""Waitress."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Waitress",
    source="https://docs.pylonsproject.org/projects/waitress/",
    headers={"server": re.compile(r"^waitress$")},
    command=re.compile(r"(?:^|/| -m )waitress(?:-serve)?(?: |$)"),
)
