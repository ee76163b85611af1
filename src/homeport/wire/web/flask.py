"""Flask, which its own command runs; a server that runs a Flask application does not say so."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="Flask",
    source="https://flask.palletsprojects.com/en/stable/cli/",
    command=re.compile(r"(?:(?:^|/|\s)flask|-m flask)(?: \S+){0,8}? run(?: |$)"),
    layer=Layer.FRAMEWORK,
)
