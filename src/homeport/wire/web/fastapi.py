"""FastAPI, by its own command; that uvicorn runs a FastAPI application nobody can tell."""

from __future__ import annotations

import re

from homeport.wire.web import Layer, WebProduct

PRODUCT = WebProduct(
    title="FastAPI",
    source="https://fastapi.tiangolo.com/fastapi-cli/",
    command=re.compile(r"(?:(?:^|/)fastapi|-m fastapi) (?:dev|run)(?: |$)"),
    layer=Layer.FRAMEWORK,
)
