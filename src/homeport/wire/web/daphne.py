"""Daphne. Its refusal is Twisted's, as short as that of Tornado: the command tells."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Daphne",
    source="https://github.com/django/daphne",
    headers={"server": re.compile(r"^daphne$")},
    command=re.compile(r"(?:^|/| -m )daphne(?: |$)"),
)
