"""The API of Docker's engine, where it listens on TCP: `/_ping` needs no session and makes none.

Podman answers the same path, by another name.
"""

from __future__ import annotations

import re

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get
from homeport.wire.protocols import Finding, Probe, Protocol

_SERVER = re.compile(r"^(?P<name>Docker|Libpod)/(?P<version>[\w.+~-]{1,40})")
_API_VERSION = re.compile(r"\d{1,3}\.\d{1,4}")
_PRODUCTS = {"Docker": "Docker", "Libpod": "Podman"}


def _ping(data: bytes) -> Finding | None:
    response = read_response(data)
    if response is None or response.status != 200:
        return None
    version = response.headers.get("api-version", "")
    if not _API_VERSION.fullmatch(version):
        return None
    found = _SERVER.search(response.headers.get("server", ""))
    told = f"Api-Version: {version}"
    if found is not None:
        return Finding("http", told, _PRODUCTS[found["name"]], found["version"])
    if "docker-experimental" in response.headers:
        return Finding("http", told, "Docker")
    return None


PROTOCOL = Protocol(
    name="docker",
    source="https://docs.docker.com/reference/api/engine/",
    ports=frozenset({2375, 2376}),
    programs={"dockerd": "Docker", "podman": "Podman"},
    probes=(Probe("GET /_ping", get("/_ping"), _ping),),
    over="http",
)
