"""etcd: HTTP, whose `GET /version` tells the version of server and cluster (etcd, api/etcdhttp).

Where etcd wants a client's certificate, nobody without one gets as far as that.
"""

from __future__ import annotations

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol


def _version(data: bytes) -> Finding | None:
    response = read_response(data)
    version = None if response is None else text_in(json_object(response), "etcdserver")
    return None if version is None else Finding("http", f"etcdserver {version}", "etcd", version)


PROTOCOL = Protocol(
    name="etcd",
    source="etcd, server/etcdserver/api/etcdhttp/version.go; Documentation/v2/other_apis.md",
    ports=frozenset({2379, 2380}),
    programs={"etcd": "etcd"},
    probes=(Probe("GET /version", get("/version"), _version),),
    over="http",
)
