"""Ollama: `/api/version` tells the version and loads no model."""

from __future__ import annotations

import re

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol

_VERSION = re.compile(r"\d+\.\d+\.[\w.+-]{1,30}")


def _version(data: bytes) -> Finding | None:
    response = read_response(data)
    told = None if response is None else json_object(response)
    version = text_in(told, "version") if told is not None and len(told) == 1 else None
    if version is None or not _VERSION.fullmatch(version):
        return None
    return Finding("http", f"version {version}", "Ollama", version)


PROTOCOL = Protocol(
    name="ollama",
    source="https://github.com/ollama/ollama/blob/main/docs/api.md#version",
    ports=frozenset({11434}),
    programs={"ollama": "Ollama"},
    probes=(Probe("GET /api/version", get("/api/version"), _version),),
    over="http",
)
