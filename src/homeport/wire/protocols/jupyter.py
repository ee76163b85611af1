"""Jupyter Server: `/api` tells the version to everybody, without a token and without a session."""

from __future__ import annotations

import re

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol

_VERSION = re.compile(r"\d+\.[\w.+]{1,30}")


def _api(data: bytes) -> Finding | None:
    response = read_response(data)
    told = None if response is None else json_object(response)
    version = text_in(told, "version") if told is not None and len(told) == 1 else None
    if version is None or not _VERSION.fullmatch(version):
        return None
    return Finding("http", f"version {version}", "Jupyter", version)


PROTOCOL = Protocol(
    name="jupyter",
    source="https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html",
    ports=frozenset({8888}),
    programs=dict.fromkeys(
        (
            "jupyter-lab",
            "jupyter-notebook",
            "jupyter-server",
            "jupyter lab",
            "jupyter notebook",
            "jupyter server",
            "python -m jupyterlab",
            "python -m notebook",
            "python -m jupyter_server",
        ),
        "Jupyter",
    ),
    probes=(Probe("GET /api", get("/api"), _api),),
    over="http",
)
