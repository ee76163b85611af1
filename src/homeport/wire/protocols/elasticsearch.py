"""Elasticsearch and OpenSearch: HTTP, whose `GET /` tells name and version (its Root API).

It reads what the node knows of itself. Sure are only the header `X-elastic-product` and the
tagline; with security on, a refusal may still bear the header.
"""

from __future__ import annotations

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol


def _root(data: bytes) -> Finding | None:
    response = read_response(data)
    if response is None:
        return None
    told = json_object(response)
    if told is None and not response.complete:
        return None
    version = None if told is None else told.get("version")
    tagline, number = text_in(told, "tagline") or "", text_in(version, "number")
    named = text_in(version, "distribution") == "opensearch"
    if named or "OpenSearch" in tagline:
        # Without the distribution it pretends to be an old Elasticsearch, for the sake of clients.
        return Finding("http", tagline or "opensearch", "OpenSearch", number if named else None)
    if tagline == "You Know, for Search":
        return Finding("http", tagline, "Elasticsearch", number)
    if response.headers.get("x-elastic-product") == "Elasticsearch":
        return Finding("http", "X-elastic-product: Elasticsearch", "Elasticsearch", number)
    return None


PROTOCOL = Protocol(
    name="elasticsearch",
    source="Elasticsearch Guide, Root API; OpenSearch documentation",
    ports=frozenset({9200}),
    programs={"elasticsearch": "Elasticsearch", "opensearch": "OpenSearch"},
    probes=(Probe("GET /", get("/"), _root),),
    over="http",
)
