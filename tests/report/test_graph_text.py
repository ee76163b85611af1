from __future__ import annotations

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.snapshot import Edge
from homeport.report.graph_text import graph_lines
from homeport.report.style import Style
from tests.report.samples import EVIL, POSTGRES, VITE

DATABASE = Endpoint(Transport.TCP, "127.0.0.1", 5432)
CACHE = Endpoint(Transport.TCP, "127.0.0.1", 6379)


def test_each_client_with_what_it_uses() -> None:
    edges = [
        Edge(DATABASE, (VITE,), (POSTGRES, POSTGRES._replace(pid=301)), 12),
        Edge(CACHE, (VITE,), (), 1),
        Edge(CACHE, (POSTGRES,), (), 1),
    ]
    assert graph_lines(edges, Style()) == [
        "node 812, shop (feature/cart)",
        "├─ 12 → 127.0.0.1:5432  postgres 300 +1",
        "└─  1 → 127.0.0.1:6379  (hidden)",
        "postgres 300",
        "└─ 1 → 127.0.0.1:6379  (hidden)",
    ]


def test_names_cannot_speak_to_the_terminal_and_lines_fit() -> None:
    edges = [Edge(DATABASE, (EVIL,), (EVIL,), 1)]
    lines = graph_lines(edges, Style(30, unicode=False))
    assert len(lines) == 2
    assert all(line.isprintable() and line.isascii() and len(line) <= 30 for line in lines)


def test_nobody_talks() -> None:
    assert graph_lines([], Style()) == []
