"""ClickHouse: HTTP, whose `GET /ping` says `Ok.` and runs no query (ClickHouse, HTTP Interface).

The version is told only to a query, which is not for us to make.
"""

from __future__ import annotations

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get
from homeport.wire.protocols import Finding, Probe, Protocol


def _ping(data: bytes) -> Finding | None:
    response = read_response(data)
    if response is None:
        return None
    header = next((each for each in response.headers if each.startswith("x-clickhouse-")), None)
    if header is not None:
        return Finding("http", f"a header {header}", "ClickHouse")
    if response.status == 200 and response.body == b"Ok.\n":
        return Finding("http", "Ok.", "ClickHouse")
    return None


PROTOCOL = Protocol(
    name="clickhouse",
    source="ClickHouse documentation, HTTP Interface",
    ports=frozenset({8123}),
    programs={
        "clickhouse": "ClickHouse",
        "clickhouse-server": "ClickHouse",
        "clickhouse-serv": "ClickHouse",  # as the kernel cuts it
    },
    probes=(Probe("GET /ping", get("/ping"), _ping),),
    over="http",
)
