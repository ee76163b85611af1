"""Elasticsearch and OpenSearch: answers as their documentation has them. No real one can be had."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.elasticsearch import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

(ROOT,) = PROTOCOL.probes
TAGLINE = "You Know, for Search"
OPENSEARCH = "The OpenSearch Project: https://opensearch.org/"


def answer(body: object, *headers: str, status: str = "200 OK") -> bytes:
    text = json.dumps(body, indent=2).encode()
    head = (f"HTTP/1.1 {status}", *headers, f"content-length: {len(text)}", "", "")
    return "\r\n".join(head).encode() + text


def root(tagline: str, **version: object) -> dict[str, object]:
    return {"name": "node-1", "cluster_name": "es", "version": version, "tagline": tagline}


REFUSED = answer(
    {"error": {"type": "security_exception"}, "status": 401},
    "WWW-Authenticate: ApiKey",
    "X-elastic-product: Elasticsearch",
    status="401 Unauthorized",
)


@pytest.mark.parametrize(
    ("data", "product", "version"),
    [
        (answer(root(TAGLINE, number="7.2.0")), "Elasticsearch", "7.2.0"),
        (
            answer(root(TAGLINE, number="8.12.2"), "X-elastic-product: Elasticsearch"),
            "Elasticsearch",
            "8.12.2",
        ),
        (REFUSED, "Elasticsearch", None),
        (
            answer(root(OPENSEARCH, distribution="opensearch", number="2.8.0")),
            "OpenSearch",
            "2.8.0",
        ),
        (answer(root(OPENSEARCH, number="7.10.2")), "OpenSearch", None),
    ],
)
def test_the_root_tells_product_and_version(data: bytes, product: str, version: str | None) -> None:
    found = ROOT.read(data)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("http", product, version)
    assert ROOT.read(data[:-1]) is None


@pytest.mark.parametrize(
    "body", [{}, [], "x", {"version": "8.1"}, root("Hello", number="8.1.0"), {"tagline": 7}]
)
def test_anything_else_is_somebody_elses(body: object) -> None:
    assert ROOT.read(answer(body)) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, b"HTTP/1.1 200 OK\r\n\r\n" + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, answer(root(TAGLINE, number="7.2.0")))
    assert survives_damage(PROTOCOL, REFUSED)
    assert survives(PROTOCOL, b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000)
