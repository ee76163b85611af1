"""Streamlit, by its own command."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Streamlit",
    source="https://docs.streamlit.io/develop/api-reference/cli/run",
    command=re.compile(r"(?:(?:^|/)streamlit|-m streamlit) run(?: |$)"),
    layer=Layer.FRAMEWORK,
)
