from __future__ import annotations

from homeport.model.process import Ancestor, Certainty
from homeport.report.style import Style
from homeport.report.tree import tree_lines
from tests.report.samples import CONTEXT, POSTGRES, VITE, listener


def test_listeners_hang_on_the_processes_that_lead_to_them() -> None:
    listeners = [
        listener("127.0.0.1", 5432, POSTGRES),
        listener("127.0.0.1", 5173, VITE),
        listener("::1", 5173, VITE),
        listener("0.0.0.0", 8080, certainty=Certainty.HIDDEN),
        listener("0.0.0.0", 22, certainty=Certainty.HIDDEN),
    ]
    assert tree_lines(listeners, CONTEXT, Style()) == [
        "systemd 1",
        "├─ postgres 300  127.0.0.1:5432 this machine",
        "└─ bash 700",
        "   └─ node 812  localhost:5173 this machine shop (feature/cart)",
        "hidden (root)  0.0.0.0:22 any network",
        "hidden (root)  0.0.0.0:8080 any network",
    ]


def test_a_listener_may_be_the_ancestor_of_another() -> None:
    child = VITE._replace(
        pid=900, ancestry=(Ancestor(812, "node", ("node",)), *(VITE.ancestry or ()))
    )
    listeners = [listener("127.0.0.1", 1, child), listener("127.0.0.1", 2, VITE)]
    lines = tree_lines(listeners, CONTEXT, Style(unicode=False))
    assert lines[2:] == [
        "   `- node 812  127.0.0.1:2 this machine shop (feature/cart)",
        "      `- node 900  127.0.0.1:1 this machine shop (feature/cart)",
    ]


def test_more_ancestors_than_python_has_frames_are_drawn_as_well() -> None:
    line = tuple(Ancestor(pid, "sh", ()) for pid in range(1500, 1, -1))
    deep = VITE._replace(pid=6000, ancestry=line)
    lines = tree_lines([listener("127.0.0.1", 1, deep)], CONTEXT, Style(40, unicode=False))
    assert len(lines) == 1500
