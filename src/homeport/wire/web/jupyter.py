"""Jupyter: its server and the applications that extend it."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Jupyter",
    source="https://jupyter-server.readthedocs.io",
    command=re.compile(
        r"(?:(?:^|/)jupyter[ -](?:lab|notebook|server|nbclassic)"
        r"|-m (?:jupyterlab|notebook|jupyter_server|jupyter (?:lab|notebook|server)))(?: |$)"
    ),
    layer=Layer.FRAMEWORK,
)
