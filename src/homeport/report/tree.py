"""Listeners as leaves of the tree of processes that answers "why is this running"."""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.report.cells import (
    Context,
    endpoint_text,
    folded,
    owner,
    process_text,
    project,
    widest,
)
from homeport.report.style import Role, Style, printable
from homeport.report.table import fitted, text_of
from homeport.report.words import oldest_first, reach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.sockets import Listener


class Node(NamedTuple):
    """A process of the tree, its children by pid, and what it listens on, folded."""

    text: str
    children: dict[int, Node]
    leaves: list[list[Listener]]


def tree_lines(listeners: Iterable[Listener], context: Context, style: Style) -> list[str]:
    """The tree; sockets whose holder is not known come last, by port."""
    root, hidden = _grown(listeners)
    lines = _drawn(root, style)
    lines += [_line(text_of(owner(same[0], context)), [same], style) for same in hidden]
    return lines


def _grown(listeners: Iterable[Listener]) -> tuple[Node, list[list[Listener]]]:
    root = Node("", {}, [])
    hidden = []
    for same in folded(listeners):
        if same[0].owners:
            _place(root, same)
        else:
            hidden.append(same)
    hidden.sort(key=lambda same: (same[0].endpoint.port, str(same[0].endpoint)))
    return root, hidden


def _place(root: Node, same: list[Listener]) -> None:
    holder = oldest_first(same[0].owners)[0]
    node = root
    for ancestor in reversed(holder.ancestry or ()):
        text = f"{ancestor.name} {ancestor.pid}"
        node = node.children.setdefault(ancestor.pid, Node(text, {}, []))
    node = node.children.setdefault(holder.pid, Node(process_text(holder), {}, []))
    node.leaves.append(same)


def _drawn(root: Node, style: Style) -> list[str]:
    # A stack and no recursion: a process may have more ancestors than Python has frames.
    fork, corner, beside, none = style.branches
    lines = []
    todo = [(node, "", "") for node in _children(root)]
    while todo:
        node, own, below = todo.pop()
        lines.append(_line(f"{own}{printable(node.text)}", node.leaves, style))
        children = _children(node)
        todo += [
            (child, below + (fork if place else corner), below + (beside if place else none))
            for place, child in enumerate(children)
        ]
    return lines


def _children(node: Node) -> list[Node]:
    """The children by falling pid: the last one first, as a stack wants them."""
    return [node.children[pid] for pid in sorted(node.children, reverse=True)]


def _line(text: str, leaves: list[list[Listener]], style: Style) -> str:
    told = ", ".join(_leaf(same) for same in leaves)
    line = fitted(f"{text}  {told}" if told else text, style)
    return line if told else style.paint(line, Role.FAINT)


def _leaf(same: list[Listener]) -> str:
    listener = widest(same)
    words = (endpoint_text(same), reach(listener), project(listener))
    return printable(" ".join(word for word in words if word))
