"""Puma, which names its process itself, with its version."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Puma",
    source="https://puma.io/puma/",
    command=re.compile(
        r"(?:^puma: cluster worker|^puma (?P<version>\d[\w.]*) \(|(?:^|/)puma(?: |$))"
    ),
)
