"""Werkzeug, the server of `flask run`."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="Werkzeug",
    source="https://werkzeug.palletsprojects.com/en/stable/serving/",
    headers={"server": re.compile(r"^Werkzeug/(?P<version>[\w.+]+)")},
)
