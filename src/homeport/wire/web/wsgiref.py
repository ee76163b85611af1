"""The WSGI server of Python's library, which Django's runserver is made with."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="wsgiref",
    source="https://docs.python.org/3/library/wsgiref.html",
    headers={"server": re.compile(r"^WSGIServer/[\d.]+ C?Python/")},
    layer=Layer.RUNTIME,
)
